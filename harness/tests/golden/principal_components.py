"""Creates principal_components.json: vectors and their coordinates on the first two principal components, by numpy's SVD.

    python principal_components.py > principal_components.json        (needs numpy)
"""

import json

import numpy

random = numpy.random.default_rng(3)
cases = []
for number, dimension in [(7, 4), (4, 9), (2, 3), (30, 30)]:
    vectors = random.normal(size=(number, dimension)).astype(numpy.float32) * numpy.arange(1, dimension + 1)
    vectors = vectors.astype(numpy.float32).astype(numpy.float64)
    left, values, _ = numpy.linalg.svd(vectors - vectors.mean(0), full_matrices=False)
    cases.append({
        "vectors": vectors.tolist(),
        "points": (left[:, :2] * values[:2]).tolist(),
        "shares": (values[:2] ** 2 / (values**2).sum()).tolist(),
    })
print(json.dumps(cases))
