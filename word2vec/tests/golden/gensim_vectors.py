"""Makes gensim.txt, gensim.bin, questions.txt, pairs.txt and gensim.json: vectors written by gensim, and its results.

    pip install gensim==4.4.0
    python gensim_vectors.py

There are 40 words of 5 dimensions; some words differ only in case. The vectors are noisy sums, so that some questions are answered
correctly and some are not. Tolerance: 1e-5, because gensim computes in f32.
"""

import json
import random
from pathlib import Path

import numpy
from gensim.models import KeyedVectors

HERE = Path(__file__).parent
RESTRICTED = 30

random.seed(2013)
numpy.random.seed(2013)
words = [f"w{number:02}" for number in range(36)]
words[5:5] = ["W03", "Straße"]
words += ["W20", "naïve"]
# Vectors of sums, so that there are analogies to be found: an entity and a kind, and some noise.
entities, kinds = numpy.random.randn(10, 5), numpy.random.randn(4, 5)
where = {word: (number % 10, number // 10) for number, word in enumerate(words)}
rows = [entities[e] + kinds[k] + 0.35 * numpy.random.randn(5) for e, k in where.values()]
vectors = KeyedVectors(vector_size=5)
vectors.add_vectors(words, numpy.array(rows, dtype=numpy.float32))
vectors.save_word2vec_format(HERE / "gensim.txt")
vectors.save_word2vec_format(HERE / "gensim.bin", binary=True)
vectors = KeyedVectors.load_word2vec_format(HERE / "gensim.txt")

by_place = {place: word for word, place in where.items()}
lines = []
for name, first, second in [("upwards", 0, 1), ("gram1-sideways", 1, 2), ("gram2-far", 0, 3), ("nothing", 0, 1)]:
    lines.append(f": {name}")
    for e in range(10):
        for f in random.sample(range(10), 4):
            question = [by_place[e, first], by_place[e, second], by_place[f, first], by_place[f, second]]
            if name == "nothing":
                question[e % 4] = "unknown"
            lines.append(" ".join(word.upper() if e % 2 else word for word in question))
(HERE / "questions.txt").write_text("\n".join(lines) + "\n")

pairs = [random.sample(words + ["unknown"], 2) + [random.choice([0, 1.5, 2, 3, 7.25])] for _ in range(60)]
(HERE / "pairs.txt").write_text("".join("\t".join(map(str, pair)) + "\n" for pair in pairs))

similar = []
for _ in range(20):
    plus, minus = random.sample(words, random.choice([1, 2])), random.sample(words, random.choice([0, 1]))
    answers = vectors.most_similar(positive=plus, negative=[word for word in minus if word not in plus], topn=6)
    minus = [word for word in minus if word not in plus]
    similar.append({"plus": plus, "minus": minus, "answers": [[word, float(cosine)] for word, cosine in answers]})


def accuracy(most_frequent):
    _, sections = vectors.evaluate_word_analogies(HERE / "questions.txt", restrict_vocab=most_frequent)
    return {
        "most_frequent": most_frequent,
        "sections": [[s["section"], len(s["correct"]), len(s["correct"]) + len(s["incorrect"])] for s in sections[:-1]],
    }


_, spearman, unknown = vectors.evaluate_word_pairs(HERE / "pairs.txt")
golden = {
    "vectors": [[word, [float(value) for value in vectors[word]]] for word in words],
    "similar": similar,
    "analogies": [accuracy(len(words)), accuracy(RESTRICTED)],
    "spearman": float(spearman[0]),
    "unknown_percent": unknown,
}
(HERE / "gensim.json").write_text(json.dumps(golden, indent=None, ensure_ascii=False) + "\n")
