"""Creates key_mixing.json: keys mixed with those of the previous position, by numpy.convolve.

    python key_mixing.py > key_mixing.json        (needs numpy)

Mixing is a causal convolution of width 2 over positions, one for each feature (So et al. 2021, section 4, with width 3).
"""

import json

import numpy

ROWS, LENGTH, FEATURES = 2, 6, 4

random = numpy.random.default_rng(1)
keys = random.normal(size=(ROWS, LENGTH, FEATURES)).round(4)
current, previous = random.normal(size=(2, FEATURES)).round(4)
mixed = numpy.empty_like(keys)
for row in range(ROWS):
    for feature in range(FEATURES):
        weights = [current[feature], previous[feature]]
        mixed[row, :, feature] = numpy.convolve(keys[row, :, feature], weights)[:LENGTH]
print(json.dumps({
    "shape": [ROWS, LENGTH, FEATURES],
    "keys": keys.flatten().tolist(),
    "current": current.tolist(),
    "previous": previous.tolist(),
    "mixed": mixed.flatten().round(9).tolist(),
}))  # fmt: skip
