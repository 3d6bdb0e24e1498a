"""Creates bleu.json: reference values of BLEU, computed with sacreBLEU.

    pip install sacrebleu==2.6.0
    python bleu.py > bleu.json

The text is already tokenized, so tokenize="none"; smoothing is the default, "exp". `force` only silences sacreBLEU's
warning about text that looks tokenized. Tolerance: 1e-9 relative, since both compute in 64-bit floats and differ only in
the order of summation.
"""

import json
import random

import sacrebleu
from sacrebleu.metrics import BLEU

random.seed(2002)


def sentence(low, high, types=12):
    return [f"w{random.randrange(types)}" for _ in range(random.randint(low, high))]


def changed(words, rate):
    """A translation with errors: words omitted, replaced and added."""
    out = []
    for word in words:
        if random.random() < rate:
            out += random.choice([[], sentence(1, 1), [word] + sentence(1, 1)])
        else:
            out.append(word)
    return out


def corpus(name, count, low, high, rate, references=1):
    rows = []
    for _ in range(count):
        truth = sentence(low, high)
        hypothesis = changed(truth, rate)
        rows.append((hypothesis, [truth] + [changed(truth, 0.3) for _ in range(references - 1)]))
    return name, [" ".join(h) for h, _ in rows], [[" ".join(r) for r in rs] for _, rs in rows]


corpora = [
    corpus("good", 50, 4, 22, 0.1),
    corpus("poor", 50, 4, 22, 0.6),
    corpus("perfect", 10, 4, 22, 0.0),
    corpus("several references", 40, 4, 22, 0.3, references=3),
    corpus("short sentences", 30, 1, 5, 0.2),
    ("too short", ["a b c d", "a b", "c"], [["a b c d e f"], ["a b c d"], ["c d e f"]]),
    ("an empty hypothesis among others", ["", "a b c d e"], [["a b c"], ["a b c d f"]]),
    ("only an empty hypothesis", [""], [["a b c d"]]),
    ("no quadruple", ["a b c x d e f", "g h"], [["a b c y d e f"], ["g h"]]),
    ("no pair", ["a x b y c z d"], [["a b c d e f g"]]),
    ("no match", ["a b c d e"], [["v w x y z"]]),
    ("no sentence of four words", ["a b c", "d e"], [["a b c"], ["d e"]]),
    ("references at equal distance", ["a b c d e"], [["a b c d", "a b c d e f"]]),
    ("repeated words", ["a a a a a a b"], [["a a b", "b a a a"]]),
    ("spaces", ["  a b  c d ", "e f g h"], [["a b c d"], [" e f g  i"]]),
]

cases = []
for name, hypotheses, references in corpora:
    metric = BLEU(tokenize="none", force=True)
    judged = metric.corpus_score(hypotheses, [list(stream) for stream in zip(*references)])
    cases.append(
        {
            "name": name,
            "hypotheses": hypotheses,
            "references": references,
            "score": judged.score,
            "precisions": judged.precisions,
            "brevity_penalty": judged.bp,
            "hypothesis_length": judged.sys_len,
            "reference_length": judged.ref_len,
        }
    )

print(json.dumps({"tool": f"sacrebleu {sacrebleu.__version__}", "seed": 2002, "cases": cases}, indent=1))
