"""Makes kenlm.txt, kenlm.arpa, kenlm_pruned.arpa and kenlm.json: a small text, KenLM's models of it and their scores.

    bench/ngram/kenlm.sh FOLDER
    python ngram/tests/golden/kenlm.py FOLDER

FOLDER contains KenLM's lmplz and query (0.3.0). Requires Python 3.8 or later, standard library only. The output is the same every
time; it is written beside this script, or to the folder given as second argument.

kenlm.txt           the generated training text, one sentence per line, two lines empty
kenlm.arpa          lmplz -o 3: interpolated modified Kneser-Ney, nothing pruned
kenlm_pruned.arpa   lmplz -o 3 --prune 0 0 1: without the trigrams that occur once
kenlm.json          for both models ("full" and "pruned"):
    counts      number of n-grams of each order in the ARPA file
    discounts   D1 D2 D3+ of each order, as printed by lmplz (six digits)
    sentences   for each held-out sentence its words and the closing </s>, all of them after <s>, each as
                [word, log10 p, order of the longest matching n-gram, whether out of vocabulary]
    tokens, oov, perplexity_with_oov, perplexity_without_oov
                as printed by `query -v summary`; </s> counts as a token, <s> does not

KenLM computes in 32-bit floats and prints the shortest decimals that restore them, so log10 p agrees to about 1e-6. A word outside
the vocabulary is <unk>, whose probability is the uniform share of the unigrams.
"""

import json
import math
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SEED, LINES, ORDER = 1996, 300, 3
# Exponent of Zipf's law within each class of words. There are enough rare words to estimate every discount.
STEEPNESS = 1.7

CLASSES = {
    "DET": "the a every no our that",
    "ADJ": "old small grey quiet wooden bitter salted narrow crooked spare damp hollow",
    "NOUN": "miller river lamp goat bridge ladder harbour kettle widow orchard barrel fiddle lantern cartwheel apron "
    "heron sparrow thimble anvil ferry turnip almanac cooper dinghy sexton weir bellows plough saddle cistern magpie "
    "trellis brazier causeway pamphlet ottoman gimlet rowan tankard",
    "VERB": "sees mends carries sells forgets borrows paints hides follows weighs repairs praises buries polishes "
    "scolds ferries",
    "STATE": "sleeps waits sings returns creaks vanishes limps hums",
    "ADV": "slowly again never often gladly tonight twice somewhere alone",
    "PREP": "near behind under beside without beyond",
    "NAME": "Orla Tamsin Bertil Ósk Wendel Ysolde",
    "CONJ": "and but while because",
    "ASK": "who where why",
}
CLASSES = {name: words.split() for name, words in CLASSES.items()}

# A word in capitals is a class, or PHRASE for one of the phrases below; all others are words.
SENTENCES = [
    (8, "PHRASE VERB PHRASE ."),
    (6, "PHRASE STATE ADV ."),
    (5, "PHRASE STATE PREP PHRASE ."),
    (4, "PHRASE VERB PHRASE PREP PHRASE ."),
    (3, "PHRASE VERB PHRASE , CONJ PHRASE STATE ."),
    (2, "ASK VERB PHRASE ?"),
    (2, "there is a NOUN PREP PHRASE ."),
    (1, "ADV , PHRASE STATE !"),
    (1, "yes ."),
]
PHRASES = [(6, "DET NOUN"), (4, "DET ADJ NOUN"), (3, "NAME")]


def pick(source, weighted):
    # Only random() is used, whose values are the same in all versions of Python.
    point = source.random() * sum(weight for weight, _ in weighted)
    for weight, item in weighted:
        point -= weight
        if point < 0:
            return item
    return weighted[-1][1]


def sentence(source):
    words = []
    for slot in pick(source, SENTENCES).split():
        for part in pick(source, PHRASES).split() if slot == "PHRASE" else [slot]:
            if part in CLASSES:
                part = pick(source, [(rank**-STEEPNESS, word) for rank, word in enumerate(CLASSES[part], 1)])
            words.append(part)
    return words


def held_out(source, seen):
    made = [sentence(source) for _ in range(13)]
    made[1][0] = "Quillon"  # out of vocabulary: the first word,
    made[2][-1] = "…"  # the last word,
    made[3][2] = "zeppelin"  # a word in the middle,
    made[4][1:3] = ["quartz", "quartz"]  # two adjacent words
    return made + [
        [],
        ["Quillon"],
        seen[5],
        seen[6] + seen[7],
        list(reversed(seen[8])),
        "the the the the a a .".split(),
        "yes yes . yes".split(),
    ]


def train(tools, text, *options):
    with tempfile.TemporaryDirectory() as scratch:
        command = [tools / "lmplz", "-o", str(ORDER), "-S", "100M", "-T", scratch, *options]
        done = subprocess.run(command, input=text.encode(), capture_output=True)
    log = done.stderr.decode()
    if done.returncode != 0:
        sys.exit(log)
    found = re.findall(r"^(\d) [\d/]+ D1=(\S+) D2=(\S+) D3\+=(\S+)$", log, re.M)
    assert [int(order) for order, *_ in found] == list(range(1, ORDER + 1)), log
    return done.stdout.decode(), [[float(number) for number in numbers] for _, *numbers in found]


def query(tools, model, sentences):
    text = "".join(" ".join(words) + "\n" for words in sentences)
    command = [tools / "query", "-v", "word", "-v", "sentence", "-v", "summary", model]
    answer = subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout.decode()
    lines = answer.split("\n")
    scored = []
    for words, line in zip(sentences, lines):
        rows = []
        *fields, total = line.split("\t")
        assert total.startswith("Total: "), line
        for word, field in zip(words + ["</s>"], fields):
            name, id, length, p = re.fullmatch(r"(\S+)=(\d+) (\d+) (\S+)", field).groups()
            assert name == word
            rows.append([word, float(p), int(length), id == "0"])
        assert len(rows) == len(fields) == len(words) + 1
        scored.append(rows)
    summary = dict(re.findall(r"^([A-Za-z ]+):\t(\S+)$", answer, re.M))
    flat = [row for rows in scored for row in rows]
    perplexity = float(summary["Perplexity including OOVs"])
    assert math.isclose(10 ** (-sum(row[1] for row in flat) / len(flat)), perplexity, rel_tol=1e-5)
    assert sum(row[3] for row in flat) == int(summary["OOVs"]) and len(flat) == int(summary["Tokens"])
    return {
        "tokens": len(flat),
        "oov": int(summary["OOVs"]),
        "perplexity_with_oov": perplexity,
        "perplexity_without_oov": float(summary["Perplexity excluding OOVs"]),
        "sentences": scored,
    }


def main():
    tools = Path(sys.argv[1]).resolve()
    folder = Path(sys.argv[2] if len(sys.argv) > 2 else __file__).resolve()
    folder = folder if folder.is_dir() else folder.parent

    source = random.Random(SEED)
    seen = [sentence(source) for _ in range(LINES)]
    seen[100] = seen[200] = []
    questions = held_out(source, seen)
    text = "".join(" ".join(words) + "\n" for words in seen)
    (folder / "kenlm.txt").write_bytes(text.encode())

    made_by = "KenLM 0.3.0: lmplz and query"
    out = {"made_by": made_by, "text": "kenlm.txt", "order": ORDER}
    for name, file, options in [
        ("full", "kenlm.arpa", []),
        ("pruned", "kenlm_pruned.arpa", ["--prune", "0", "0", "1"]),
    ]:
        arpa, discounts = train(tools, text, *options)
        (folder / file).write_bytes(arpa.encode())
        counts = [int(count) for count in re.findall(r"^ngram \d=(\d+)$", arpa, re.M)]
        head = {"arpa": file, "options": options, "counts": counts, "discounts": discounts}
        out[name] = {**head, **query(tools, folder / file, questions)}

    # One sentence per line.
    dumped = json.dumps(out, ensure_ascii=False, indent=1)
    dumped = re.sub(r"\n {4,}(?=\S)", " ", dumped)
    dumped = re.sub(r"\n {3,}\]", " ]", dumped)
    (folder / "kenlm.json").write_bytes((dumped + "\n").encode())


main()
