"""Makes records/equal-settings.json from the folder that records.sh fills:  python bench/word2vec/record.py FOLDER COMMIT"""

import json
import re
import sys
import tomllib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import record  # noqa: E402

folder = Path(sys.argv[1])
SEEDS = (1, 2, 3)
MODELS = [
    ("eras-skip-gram", "Eras, skip-gram"),
    ("gensim-1", "gensim, skip-gram"),
    ("eras-skip-gram-tuned", "Eras, `skip-gram-tuned`: shared negative samples, longer initial vectors"),
    ("eras-cbow", "Eras, CBOW"),
    ("gensim-0", "gensim, CBOW"),
    ("eras-cbow-tuned", "Eras, `cbow-tuned`: longer initial vectors"),
]
# The 97.5 % quantile of Student's t with two degrees of freedom.
T = 4.303


def results(name):
    """What each seed scored on each test, in percent or a hundred times rho; analogies also by kind."""
    scores = {}
    for seed in SEEDS:
        for test in json.loads((folder / f"{name}-{seed}.json").read_text(encoding="utf-8")):
            title = test["test"].removesuffix(".txt").removeprefix("EN-")
            if "similarity" in test:
                scores.setdefault(title, []).append(100 * test["similarity"]["rho"])
            else:
                for kind in ("total", "semantic", "syntactic"):
                    tally = test["analogies"][kind]
                    column = title if kind == "total" else kind
                    scores.setdefault(column, []).append(100 * tally["right"] / tally["asked"])
    return scores


def speed(name):
    """Thousands of words per second and thread, of each seed."""
    found = []
    for seed in SEEDS:
        printed = folder / f"{name}-{seed}.txt"
        if printed.exists():
            found.append(int(re.search(r"(\d+) words per thread", printed.read_text())[1]) / 1e3)
        else:
            training = tomllib.loads((folder / f"{name}-{seed}" / "model.toml").read_text())["training"]
            found.append(training["tokens"] / training["seconds"] / 2e3)
    return found


def interval(values):
    mean = sum(values) / len(values)
    deviation = (sum((value - mean) ** 2 for value in values) / (len(values) - 1)) ** 0.5
    return f"{mean:.1f} ± {T * deviation / len(values) ** 0.5:.1f}"


tests, lines, figures = None, [], {}
for name, title in MODELS:
    scores = results(name)
    tests = tests or list(scores)
    thousands = f"{sorted(speed(name))[1]:.0f} k"
    lines.append([title, *(interval(scores[test]) for test in tests), thousands])
    figures |= {f"{name}:{test}": interval(scores[test]).split()[0] for test in tests} | {f"{name}:speed": thousands}
record.write(
    Path(__file__).parent / "records" / "equal-settings.json",
    "bench/word2vec/records.sh WORK CORPORA",
    "nothing: the settings are gensim's; only the initial length of the tuned rows was chosen, on the analogies",
    figures=figures,
    tables={"equal-settings": record.table(["three seeds, mean and 95 % interval", *tests, "words per second and thread"], lines)},
    commit=sys.argv[2],
    conditions="one epoch, two threads, f32, training time only, programs by turns",
)
