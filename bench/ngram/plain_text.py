"""Converts a prepared corpus to text for other tools: tokens separated by spaces, one line per line.

    python plain_text.py workspace/corpora/NAME train out.txt [--unk WORD]

The token `<eos>` becomes the line end. Other tools reserve `<unk>` (KenLM refuses it in text), so `--unk WORD` replaces it
by an ordinary word, which must not be in the vocabulary; without the option, `<unk>` in the text is an error. A space inside a
token (the tokenizer `words` keeps one before a combining mark) becomes an open box.
Standard library only.
"""

import argparse
import array
import re
import sys
from pathlib import Path

END, UNKNOWN, BLOCK = "<eos>", "<unk>", 1 << 20
RESERVED = ("<s>", "</s>")
SPACES, SPACE = re.compile("[\0\t\v\f\r ]"), "\N{OPEN BOX}"

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("corpus", type=Path, help="folder with vocab.txt and SPLIT.tokens")
parser.add_argument("split", help="train, valid or test")
parser.add_argument("output", type=Path)
parser.add_argument("--unk", metavar="WORD", help=f"word to write instead of a literal {UNKNOWN}")
options = parser.parse_args()

words = (options.corpus / "vocab.txt").read_bytes().decode("utf-8").split("\n")
if words[-1] == "":
    words.pop()
for word in RESERVED:
    if word in words:
        sys.exit(f"{word} is in the vocabulary, but a reserved word of other tools")
if options.unk is not None and options.unk in words:
    sys.exit(f"--unk {options.unk} is a word of the vocabulary, choose another")

# Ids take two bytes if the vocabulary is small enough (see `is_narrow` in the crate corpus), else four, little-endian.
kind = "H" if len(words) + 2 <= 1 << 16 else "I"
end = words.index(END)
unknown = words.index(UNKNOWN) if UNKNOWN in words else None
pieces = [SPACES.sub(SPACE, word) + " " for word in words]
if len(set(pieces)) < len(pieces):
    sys.exit(f"two words differ only in a space and {SPACE}")
pieces[end] = "\n"
if unknown is not None and options.unk is not None:
    pieces[unknown] = options.unk + " "

tokens = lines = unknowns = 0
with open(options.corpus / f"{options.split}.tokens", "rb") as source, \
        open(options.output, "w", encoding="utf-8", newline="\n") as target:
    while block := source.read(BLOCK):
        ids = array.array(kind)
        ids.frombytes(block)
        if sys.byteorder == "big":
            ids.byteswap()
        tokens += len(ids)
        lines += ids.count(end)
        unknowns += 0 if unknown is None else ids.count(unknown)
        target.write("".join([pieces[id] for id in ids]))

if unknowns and options.unk is None:
    options.output.unlink()
    sys.exit(f"the text holds {UNKNOWN} {unknowns} times, name a word for it with --unk")
print(f"{tokens} tokens, including {lines} line ends and {unknowns} {UNKNOWN}, in {options.output}")
