"""Makes word2phrase.json: a text, and the output of the C program after one pass and after two.

    python word2phrase.py WORD2PHRASE > word2phrase.json

bench/word2vec/peers.sh compiles the program WORD2PHRASE. The text is one line, because the program also counts pairs across line
ends. The program would confuse an unjoined pair with a phrase of the first pass that has the same name; the text has none.
"""

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

MIN_COUNT, THRESHOLD = 3, 40
random.seed(5)
phrases = [[f"w{random.randrange(400)}" for _ in range(random.choice([2, 2, 3, 4]))] for _ in range(40)]
words = []
while len(words) < 6000:
    # Words with frequencies by Zipf's law, and phrases between them.
    words += random.choice(phrases) if random.random() < 0.15 else [f"w{int(400 ** random.random())}"]


def join(text, threshold):
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder) / "before", Path(folder) / "after"
        before.write_text(text + "\n")
        options = ["-min-count", str(MIN_COUNT), "-threshold", str(threshold), "-debug", "0"]
        subprocess.run([sys.argv[1], "-train", before, "-output", after, *options], check=True, stdout=subprocess.DEVNULL)
        return " ".join(after.read_text().split())


text = " ".join(words)
first = join(text, THRESHOLD)
tokens = first.split()
names = {token for token in tokens if "_" in token}
apart = [at for at, (a, b) in enumerate(zip(tokens, tokens[1:])) if f"{a}_{b}" in names]
assert not apart, f"{len(apart)} pairs stay apart: choose another seed"
second = join(first, THRESHOLD / 2)
print(json.dumps({"min_count": MIN_COUNT, "threshold": THRESHOLD, "text": text, "first": first, "second": second}))
