"""Copies the first pairs of each of BLiMP's paradigms, since evaluating all 67,000 takes ten minutes for each model.

    python bench/run/first_pairs.py BLIMP FOLDER NUMBER        BLIMP: a folder with the archive (.tar.zst) or the .jsonl files

Needs the program `zstd` for the archive.
"""

import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

source, target, number = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
with tempfile.TemporaryDirectory() as folder:
    for archive in source.glob("*.tar.zst"):
        plain = Path(folder) / "archive.tar"
        subprocess.run(["zstd", "-dqf", archive, "-o", plain], check=True)
        with tarfile.open(plain) as tar:
            tar.extractall(folder, filter="data")
        source = Path(folder)
    paradigms = sorted(source.rglob("*.jsonl"))
    if not paradigms:
        raise SystemExit(f"{sys.argv[1]}: no .jsonl file")
    partial = target.with_name(target.name + ".tmp")
    partial.mkdir(parents=True, exist_ok=True)
    for paradigm in paradigms:
        lines = paradigm.read_text(encoding="utf-8").splitlines(keepends=True)
        (partial / paradigm.name).write_text("".join(lines[:number]), encoding="utf-8")
    partial.rename(target)
