"""What the scripts that make records share. A record is described in scripts/figures.py. Needs Python 3.11."""

import json
import subprocess
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def machine():
    """Processor, threads and memory, as /proc reports them."""
    cpu = Path("/proc/cpuinfo").read_text()
    names = [line.split(":", 1)[1].strip() for line in cpu.splitlines() if line.startswith("model name")]
    kilobytes = int(Path("/proc/meminfo").read_text().split()[1])
    return f"{names[0]}, {len(names)} threads, {kilobytes / 2**20:.0f} GiB"


def head():
    """The commit of the checkout, which `make records` has just built."""
    found = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=True)
    return found.stdout.strip()


def write(path, command, chosen_on, figures=None, tables=None, commit=None, **more):
    """Writes a record. `command` repeats the measurement; `chosen_on` says on which data settings were chosen; `commit` is that of
    the program that measured, if the measurement began earlier."""
    content = {
        "command": command,
        "commit": commit or head(),
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
        "machine": machine(),
        "chosen_on": chosen_on,
        **more,
        "figures": figures or {},
        "tables": tables or {},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"record: {path.relative_to(ROOT)}")


def table(header, rows):
    """The lines of a Markdown table; the first column holds words, the others numbers."""
    rule = "|".join(["---"] + ["---:"] * (len(header) - 1))
    lines = [f"| {' | '.join(header)} |", f"|{rule}|"]
    return lines + [f"| {' | '.join(row)} |" for row in rows]


def minutes(seconds):
    """A duration, rounded for reading."""
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
