"""Makes word2vec_c.json: a text, and the vectors that Mikolov's word2vec.c trains on it with one thread.

    python word2vec_c.py FOLDER/word2vec.c

bench/word2vec/peers.sh FOLDER downloads the program. It is compiled with -O2 and without -ffast-math and -march, so that sums are
evaluated in the order written, without fused operations. -binary 1 preserves all digits. Standard library only.

No two kept words of the text have the same count, because their order would depend on qsort. The text has rare words, which are
removed; an empty line and a line of rare words only, for which the program nevertheless draws a random number; a line of more than
1,000 words after subsampling, which the program splits; and more than 10,000 words, after which the program lowers alpha.
"""

import collections
import json
import math
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
LINES, LONG, LONG_LINE = 400, 1_700, 150
EMPTY_LINES, RARE_LINE = (60, 61), 200
SHARED = {"size": 12, "window": 3, "iter": 2, "min_count": 2}
RUNS = [
    {"cbow": cbow, "negative": negative, "hs": hs, "sample": 1e-2, "alpha": 0.05 if cbow else 0.025}
    for cbow in (0, 1)
    for negative, hs in ((4, 0), (0, 1))
] + [{"cbow": 0, "negative": 3, "hs": 1, "sample": 0, "alpha": 0.025}]

state = 2013


def below(limit):
    """The next random number below a limit, of a generator that no version of Python can change."""
    global state
    state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
    return (state >> 33) % limit


def make_text():
    words = [first + second for first in "bdfgklmn" for second in "aeiou"]
    weights = [1_000_000 // (rank + 3) for rank in range(len(words))]
    table = [word for word, weight in zip(words, weights) for _ in range(weight // 100)]
    lines = []
    for number in range(LINES):
        # Each line prefers every fifth word from one on, so that there is something to learn.
        length, liked = LONG if number == LONG_LINE else 5 + below(80), below(5)
        line = [table[below(len(table))] for _ in range(length)]
        lines.append([words[below(8) * 5 + liked] if below(3) == 0 else word for word in line])
    for number in EMPTY_LINES:
        lines[number] = []
    lines[RARE_LINE] = ["once", "only"]
    lines[10].insert(3, "seldom")
    lines[-1].append("never")
    # Words are taken from the end of long lines until all counts differ, that of line ends, too.
    used = {LINES}
    for word, count in reversed(collections.Counter(word for line in lines for word in line).most_common()):
        if count < SHARED["min_count"]:
            continue
        extra = next(extra for extra in range(LINES) if count + extra not in used)
        used.add(count + extra)
        lines[LINES // 2 + 1 + below(LINES // 4)].extend([word] * extra)
    return lines


def check(lines):
    counts = collections.Counter(word for line in lines for word in line)
    kept = [count for count in counts.values() if count >= SHARED["min_count"]]
    assert len(set(kept) | {LINES}) == len(kept) + 1, "two counts are the same"
    assert sum(count < SHARED["min_count"] for count in counts.values()) == 4, "no rare words"
    assert sum(kept) + LINES > 20_000, "alpha is lowered less than twice a pass"
    for sample in {run["sample"] for run in RUNS if run["sample"]}:
        rate = sample * (sum(kept) + LINES)
        stays = sum(min(1, (math.sqrt(counts[word] / rate) + 1) * rate / counts[word]) for word in lines[LONG_LINE])
        assert 1_100 < stays < 1_900, f"{stays} words of the long line stay"
    return counts


def train(program, text, run, folder):
    output = folder / "vectors.bin"
    flags = {**{name.replace("_", "-"): value for name, value in {**run, **SHARED}.items()}, "threads": 1, "binary": 1}
    command = [program, "-train", text, "-output", output, "-debug", 0]
    command += [part for name, value in flags.items() for part in (f"-{name}", value)]
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)
    data = output.read_bytes()
    head, data = data.split(b"\n", 1)
    number, size = map(int, head.split())
    assert size == SHARED["size"]
    words, vectors = [], []
    for _ in range(number):
        word, data = data.split(b" ", 1)
        words.append(word.decode())
        vectors.append([shortest(value) for value in struct.unpack(f"<{size}f", data[: 4 * size])])
        assert data[4 * size : 4 * size + 1] == b"\n"
        data = data[4 * size + 1 :]
    assert data == b""
    return words, vectors


def shortest(value):
    """The number of fewest digits that is this f32 again."""
    for digits in range(1, 10):
        short = float(f"{value:.{digits}g}")
        if struct.pack("<f", short) == struct.pack("<f", value):
            return short
    raise ValueError(value)


lines = make_text()
counts = check(lines)
text = "".join(" ".join(line) + "\n" for line in lines)
with tempfile.TemporaryDirectory() as scratch:
    scratch = Path(scratch)
    (scratch / "text").write_text(text)
    # -ffp-contract=off changes nothing on x86-64 without -march; elsewhere gcc would fuse.
    source = sys.argv[1] if len(sys.argv) > 1 else sys.exit("usage: word2vec_c.py FOLDER/word2vec.c")
    subprocess.run(
        ["gcc", "-O2", "-ffp-contract=off", "-w", source, "-o", scratch / "word2vec", "-pthread", "-lm"], check=True
    )
    runs = []
    for run in RUNS:
        words, vectors = train(scratch / "word2vec", scratch / "text", run, scratch)
        by_count = sorted((word for word in counts if counts[word] >= SHARED["min_count"]), key=counts.get, reverse=True)
        assert words == ["</s>", *by_count], "not in the order of counts"
        assert all(math.isfinite(value) for vector in vectors for value in vector)
        runs.append({**run, **SHARED, "words": words, "vectors": vectors})
golden = json.dumps({"text": text, "runs": runs}, separators=(",", ":")) + "\n"
assert len(golden) < 200_000, len(golden)
(HERE / "word2vec_c.json").write_text(golden)
print(f"{len(text.split())} words, {LINES} lines, {len(runs)} runs, {len(golden)} bytes")
