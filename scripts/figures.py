#!/usr/bin/env python3
"""Puts measured figures into texts, so that each figure has one source: a record in bench/.

    scripts/figures.py            writes the figures of all records into all texts
    scripts/figures.py --check    fails if a text says something else than its record

A record is a file bench/*/records/*.json, written by `make records`:

    {"command": …, "commit": …, "date": …, "machine": …, "chosen_on": …, "figures": {NAME: TEXT}, "tables": {NAME: LINES}}

A text includes a figure or a table between two comments, which Markdown does not show:

    trained in <!-- figure run/village minutes -->9 min<!-- end --> on two cores

    <!-- table run/village language-models -->
    …
    <!-- end -->
"""

import argparse
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIGURE = re.compile(r"(<!-- figure (\S+) (\S+) -->)(.*?)(<!-- end -->)")
TABLE = re.compile(r"(<!-- table (\S+) (\S+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


class Fault(Exception):
    """Why a text cannot be written."""


def record(name, root=ROOT):
    """A record by the folder of its measurement and its own name, for instance run/village."""
    folder, _, own = name.partition("/")
    path = root / "bench" / folder / "records" / f"{own}.json"
    if not path.exists():
        raise Fault(f"{path.relative_to(root)} does not exist; make it with: make records")
    return json.loads(path.read_text(encoding="utf-8"))


def filled(text, place, root=ROOT):
    """The text with every figure and table from its record."""

    def found(kind, match):
        known = record(match[2], root).get(kind, {})
        if match[3] not in known:
            raise Fault(f"{place}: the record {match[2]} has no {match[3]} among its {kind}; it has {', '.join(known)}")
        return known[match[3]]

    text = FIGURE.sub(lambda match: match[1] + found("figures", match) + match[5], text)
    return TABLE.sub(lambda match: match[1] + "\n".join(found("tables", match)) + "\n" + match[5], text)


def texts(root=ROOT):
    """All Markdown files that may include figures."""
    return sorted([*root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("bench/**/*.md")])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing; fail if a text differs from its record")
    check = parser.parse_args().check
    different = []
    for path in texts():
        old = path.read_text(encoding="utf-8")
        new = filled(old, path.relative_to(ROOT))
        if new != old:
            different.append(str(path.relative_to(ROOT)))
            if not check:
                path.write_text(new, encoding="utf-8")
    if check and different:
        raise Fault(f"figures differ from their records in {', '.join(different)}; write them again with: scripts/figures.py")


if __name__ == "__main__":
    try:
        main()
    except Fault as fault:
        sys.exit(f"error: {fault}")
