"""Makes translation.json: tokens, BLEU and chrF by sacreBLEU itself, to compare ours with.

    pip install sacrebleu==2.6.0
    python translation.py > translation.json

The sentences come from the small grammar below: a made-up mix of languages, numbers, entities, quotes and marks, and
their corruptions. Corpora are the first and all references of the 200 pairs, and of each ten pairs, in every setting;
pairs have one to three references. `force` only silences a warning about text that looks tokenized. Tolerance: 1e-9
relative, as both compute in 64-bit floats and differ in the order of sums only.
"""

import json
import random

import sacrebleu
from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

SEED = 2018
random.seed(SEED)

WHO = ["Jürgen", "die Müllerin", "an old café owner", "le garçon", "Zoë O'Neill", "ΣΟΦΟΣ", "İpek", "東京の人", "Mr. Groß"]
DOES = ["läßt", "sees", "can't find", "überquert", "mange", "re-reads", "verkauft", "doesn't like", "größt", "wants to buy"]
WHAT = ["the Straßenbahn", "3-4 äpfel", "1,234.5 liters", "a 10-year-old dog", "an e\u0301clair", "eine Tür", "$5.00 worth of it",
        "5,-", "the B&B", "the B&amp;B", "one &lt;b&gt; tag", "100% cotton", "el niño", "😀 and 🎻", "AC/DC's 2nd LP", "x = y + 2.5"]
WHERE = ["in the U.S.", "at 10:30 a.m.", "(near the Fluß)", "[sic]", "on pages 12-34", "– so to say –", "since 1999-2001", "e.g. here",
         "at http://example.org/a_b?c=d#e", "in\u00a0Zürich", "<skipped>", "* * *", "at ~50 km/h", "for 3.5.2026"]
OPEN_CLOSE = [("", ""), ("", ""), ("", ""), ("\"", "\""), ("„", "“"), ("«", "»"), ("‘", "’"), ("&quot;", "&quot;"), ("'", "'"), ("--", "--")]
END = [".", ".", ".", "!", "?", "...", "…", "?!", ";", "", " .", ".)", "。"]


def sentence():
    """A sentence, or two that are joined."""
    parts = [random.choice(WHO), random.choice(DOES), random.choice(WHAT)]
    parts += random.sample(WHERE, random.randint(0, 3))
    if random.random() < 0.3:
        parts += [random.choice(["and", "und", ",", "-", ";", "but then,"])] + sentence().split(" ")
    opened, closed = random.choice(OPEN_CLOSE)
    text = opened + " ".join(parts) + closed + random.choice(END)
    return text[0].upper() + text[1:]


def corrupted(text, rate):
    """A translation with mistakes: words left out, repeated, swapped, replaced, in another case, marks lost."""
    out = []
    for word in text.split(" "):
        if random.random() >= rate:
            out.append(word)
            continue
        other = [word.upper(), word.lower(), random.choice(WHAT), word.strip(".,!?\""), word[::-1]]
        out += random.choice([[], [word] * 2, [word] * 4, [word, ","]] + [[word] for word in other])
        if len(out) > 1 and random.random() < 0.3:
            out[-1], out[-2] = out[-2], out[-1]
    return " ".join(out)


def pair(number):
    reference = sentence()
    hypothesis = "" if number % 40 == 7 else corrupted(reference, random.choice([0, 0.1, 0.3, 0.6]))
    hypothesis = "  " if number == 100 else hypothesis
    return {
        "hypothesis": hypothesis,
        "references": [reference] + [corrupted(reference, 0.3) for _ in range(number % 3)],
    }


TEXTS = [
    "", " ", "Hello, world!", "1,234.5", "1,234.5.", "1.", ".5", ",5", "a.b", "a,b", "5.a", "a.5", "...", "a...b", "1...2", "., .,", "1.2.3",
    "3-4", "10-year-old", "well-known", "5--6", "--", "-5", "5 -", "5-", "5.-", "5,-", "don't 'quote' o'clock", "\"said\"", "&quot;said&quot;",
    "B&amp;B", "&amp;lt;b&amp;gt;", "&lt;b&gt;", "&nbsp; & &apos;", "&amp;quot;", "<skipped>", "a<skipped>b <SKIPPED>", "self-\nmade", "line\nline\n",
    "5-\n6", "end-\n", "U.S. and e.g., that", "$5.00 + 10% = #1", "a/b\\c|d_e^f~g`h", "{a} [b] (c) <d>", "user@example.org: x=1;y=2?", "*?!",
    "„Grüße“ – «ça» … ‘é’", "東京、3.5。", "٣.٤ ५,६ ²,³", "a\u00a0b\u2003c\u3000d\u200be", "a\u001cb\u001fc\x85d\x0be", "e\u0301.e\u0301,", "😀.😀", "\t tab\r\n.",
    ". a . 1 . , 1 ,", "1 .5", "a.,b", "1.,2", "9.-9,-9", "x.1.y", "'.'", "-.5-.5",
]

pairs = [pair(number) for number in range(200)]
ranges = [[0, 200]] + [[start, start + 10] for start in range(0, 200, 10)]


def streams(chosen, references):
    """Reference streams as sacreBLEU takes them; None where a pair has fewer."""
    most = 1 if references == "first" else 3
    rows = [(p["references"] + [None] * 3)[:most] for p in chosen]
    return [list(stream) for stream in zip(*rows)]


scores = []
for start, end in ranges:
    chosen = pairs[start:end]
    hypotheses = [p["hypothesis"] for p in chosen]
    for references in ["first", "all"]:
        for case in ["cased", "lower-case"]:
            lowercase = case == "lower-case"
            there = streams(chosen, references)
            chrf = CHRF(lowercase=lowercase).corpus_score(hypotheses, there).score
            for tokenizer in ["none", "13a"]:
                metric = BLEU(tokenize=tokenizer, lowercase=lowercase, force=True)
                judged = metric.corpus_score(hypotheses, there)
                scores.append(
                    {
                        "range": [start, end],
                        "references": references,
                        "settings": {"tokenizer": tokenizer, "case": case},
                        "signature": str(metric.get_signature()),
                        "bleu": judged.score,
                        "precisions": judged.precisions,
                        "brevity_penalty": judged.bp,
                        "hypothesis_length": judged.sys_len,
                        "reference_length": judged.ref_len,
                        "chrf": chrf,
                    }
                )

tokenize = Tokenizer13a()
golden = {
    "tool": f"sacrebleu {sacrebleu.__version__}",
    "seed": SEED,
    "tokens": [{"text": text, "tokens": tokenize(text)} for text in TEXTS],
    "pairs": pairs,
    "scores": scores,
}
print(json.dumps(golden, indent=1))
