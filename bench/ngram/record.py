"""Makes records/kenlm.json from the folder that records.sh fills:  python bench/ngram/record.py FOLDER"""

import re
import sys
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import record  # noqa: E402

folder = Path(sys.argv[1])
BUILD_TURNS, SCORE_TURNS = range(1, 4), range(1, 6)


def found(name, turns, pattern):
    """The number that a pattern finds last in the output of each turn."""
    texts = [(folder / f"{name}-{turn}").read_text() for turn in turns]
    return [float(re.findall(pattern, text)[-1]) for text in texts]


def spread(values, digits=0):
    return f"{median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def seconds(name):
    return found(name, BUILD_TURNS, r"time: ([\d.]+) s")


def peak(name):
    kilobytes = found(name, BUILD_TURNS, r"time: [\d.]+ s, (\d+) kB")
    return f"{median(kilobytes) / 1024:.0f} MiB"


prepare, lmplz, trie = seconds("prepare"), seconds("lmplz"), seconds("trie")
saved = {kind: found(kind, BUILD_TURNS, r"saved after ([\d.]+) s") for kind in ("stupid-backoff", "kneser-ney")}
tight = {kind: found(f"{kind}-512M", BUILD_TURNS, r"saved after ([\d.]+) s") for kind in saved}
totals = {kind: [a + b for a, b in zip(prepare, times)] for kind, times in saved.items()}
theirs = [a + b for a, b in zip(lmplz, trie)]
ratios = {kind: median(b / a for a, b in zip(total, theirs)) for kind, total in totals.items()}
ngrams = found("stupid-backoff", BUILD_TURNS, r"(\d+) n-grams in")[0]
bytes_each = {kind: found(kind, BUILD_TURNS, r"([\d.]+) per n-gram")[0] for kind in saved}
trie_bytes = int((folder / "trie-bytes").read_text()) / ngrams
building = [
    ["preparing the text, s", spread(prepare, 1), spread(prepare, 1), "-"],
    ["counting and saving, s", *(spread(times, 1) for times in saved.values()), spread(theirs, 1)],
    ["total, s", *(spread(times, 1) for times in totals.values()), spread(theirs, 1)],
    ["KenLM's total / this", *(f"{ratio:.1f}" for ratio in ratios.values()), "1"],
    ["counting and saving with `--memory 512M`, s", *(spread(times, 1) for times in tight.values()), "-"],
    ["peak memory", *(peak(kind) for kind in saved), peak("lmplz")],
    ["peak memory with `--memory 512M`", *(peak(f"{kind}-512M") for kind in saved), "-"],
    ["bytes per n-gram, including the vocabulary", *(f"{size:.2f}" for size in bytes_each.values()), f"{trie_bytes:.2f}"],
]

SCORERS = {
    "raw": "Eras, Stupid Backoff, raw scores",
    "kneser-ney": "Eras, Kneser-Ney",
    "probing": "KenLM, probing tables",
    "trie": "KenLM, trie",
    "-q8-b8trie": "KenLM, trie, `-q 8 -b 8`",
}
scoring, figures = [], {}
for name, title in SCORERS.items():
    is_ours = name in ("raw", "kneser-ney")
    passes = [(folder / f"score-{name}-{turn}").read_text() for turn in SCORE_TURNS]
    batch = [min(map(float, re.findall(r"pass(?: \d)?: (\d+) ns", text))) for text in passes]
    single = found(f"score-{name}", SCORE_TURNS, r"token by token: (\d+) ns") if is_ours else batch
    # Raw scores are no probabilities.
    perplexity = "-" if name == "raw" else f"{found(f'score-{name}', SCORE_TURNS, 'perplexity ([0-9.]+)')[0]:.3f}"
    scoring.append([title, spread(batch) if is_ours else "-", spread(single), perplexity])
    figures[f"{name}-batch"], figures[f"{name}-single"] = f"{median(batch):.0f}", f"{median(single):.0f}"
for kind, ratio in ratios.items():
    figures[f"{kind}-ratio"] = f"{ratio:.0f}"
    figures[f"{kind}-bytes"] = f"{bytes_each[kind]:.2f}"
    figures[f"{kind}-seconds"] = f"{median(totals[kind]):.1f}"
figures["trie-bytes"], figures["kenlm-seconds"] = f"{trie_bytes:.2f}", f"{median(theirs):.1f}"
record.write(
    Path(__file__).parent / "records" / "kenlm.json",
    "bench/ngram/records.sh WORK CORPORA",
    "nothing: the settings are the papers'",
    figures=figures,
    tables={
        "building": record.table(["5-grams of all ten parts", "Eras, Stupid Backoff", "Eras, Kneser-Ney", "KenLM, trie"], building),
        "scoring": record.table(["ns per token, one thread", "whole text at once", "one token at a time", "perplexity"], scoring),
    },
    conditions="medians with minimum and maximum: three turns of building, two threads, five turns of scoring, the fastest pass of each",
)
