#!/usr/bin/env python3
"""Disks that are full, folders that become read-only and clocks that jump, at random moments of a run of all eras.

    sudo bench/reliability/faults.py target/release/eras --times 20

Each time a run on a small village is begun under a fault, must end with code 1 and a sentence that names file and reason, is
continued once the fault is gone, and must come to the tables of a run that was left alone, byte for byte. Clocks jump by
days, to and fro, while it runs; that must change nothing. File systems of a set size and runs by another user, from whom folders
are taken, need root, clocks faketime (a package of that name). Standard library only.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

TABLES = ["results.csv", "translation.csv", "conversation.csv", "words.csv", "breakdowns.csv", "comparisons.csv"]
LIBRARIES = [Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"), Path("/usr/lib64/faketime/libfaketime.so.1")]
KINDS = ["full", "read-only", "clock"]
REASONS = {"full": "No space left on device", "read-only": "Permission denied"}
# Who runs where folders become read-only: nothing is forbidden to root.
USER = "nobody"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("eras", type=Path)
    parser.add_argument("--times", type=int, default=20, help="faults of each kind")
    parser.add_argument("--kinds", nargs="+", default=KINDS, choices=KINDS)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("file systems of a set size need root")
    with tempfile.TemporaryDirectory() as folder:
        Bench(options.eras.resolve(), Path(folder), random.Random(options.seed)).run(options.kinds, options.times)


class Bench:
    def __init__(self, eras, folder, generator):
        self.eras, self.folder, self.random = eras, folder, generator
        self.mounted, self.given = folder / "mounted", folder / "given"
        for path in [self.mounted, self.given]:
            path.mkdir()
        folder.chmod(0o755)
        shutil.chown(self.given, USER)

    def run(self, kinds, times):
        village = "corpus prepare village --size small --tokens 20k --set pairs=100 --set held_out=2000"
        self.expect(0, self.call([self.eras, *village.split()]))
        began = time.monotonic()
        self.expect(0, self.call(self.new(self.folder / "whole")))
        self.seconds = time.monotonic() - began
        self.whole = tables(self.folder / "whole")
        self.bytes = sum(path.stat().st_size for path in (self.folder / "whole").rglob("*") if path.is_file())
        print(f"a run: {self.seconds:.1f} s, {self.bytes:,} bytes")
        faults = {"full": self.full, "read-only": self.read_only, "clock": self.clock}
        for kind in kinds:
            self.repeat(kind, times, faults[kind])

    def repeat(self, name, times, fault):
        if name == "clock" and faketime() is None:
            print("clock: skipped, faketime is not installed")
            return
        hit = sum(fault() for _ in range(times))
        print(f"{name}: {hit} of {times} came in the way; all runs came to the same tables", flush=True)

    def full(self):
        """On a file system that is too small by a random amount."""
        self.mount(f"size={self.random.randrange(64 << 10, int(1.1 * self.bytes))}")
        try:
            run = self.mounted / "run"
            process = subprocess.Popen(self.new(run), **self.how())
            return self.finish("full", process, run, lambda: self.mount(f"remount,size={1 << 30}"), self.how())
        finally:
            subprocess.run(["umount", self.mounted], check=True)

    def read_only(self):
        """In folders that cannot be written any more from a random moment on."""
        run, how = self.given / "run", self.how() | {"user": USER}
        process = subprocess.Popen(self.new(run), **how)
        time.sleep(self.random.uniform(0.1, 1.0) * self.seconds)
        allow(run, 0o555)
        hit = self.finish("read-only", process, run, lambda: allow(run, 0o755), how)
        shutil.rmtree(run)
        return hit

    def finish(self, kind, process, run, mend, how):
        """Waits for the fault's sentence, takes the fault away, continues and compares; whether it came in the way."""
        error = process.communicate()[1]
        if process.returncode != 0:
            self.expect(1, (process.returncode, error))
            if REASONS[kind] not in error or "run/" not in error:
                sys.exit(f"{kind}: the message does not name file and reason:\n{error}")
        mend()
        if (run / "run.toml").exists():
            again = [self.eras, "run", "--resume", run]
        else:
            shutil.rmtree(run, ignore_errors=True)
            again = self.new(run)
        self.expect(0, self.call(again, how))
        self.compare(run)
        self.expect(0, self.call([self.eras, "verify", run], how))
        return process.returncode != 0

    def clock(self):
        """While a clock is set forward and back by days; the clock that measures time goes on, as on a real machine."""
        stamp, run = self.folder / "stamp", self.folder / "run"
        stamp.write_text("+0d\n")
        how = self.how()
        how["env"] = os.environ | {
            "LD_PRELOAD": str(faketime()),
            "FAKETIME_TIMESTAMP_FILE": str(stamp),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        process, jumps = subprocess.Popen(self.new(run), **how), 0
        # Read to the end, lest a full pipe stop the run.
        reader = threading.Thread(target=process.stderr.read)
        reader.start()
        while process.poll() is None:
            new = self.folder / "stamp.new"
            new.write_text(f"{self.random.randrange(-400, 400):+d}d\n")
            new.rename(stamp)
            jumps += 1
            time.sleep(self.random.uniform(0.05, 0.5))
        reader.join()
        self.expect(0, (process.returncode, ""))
        self.compare(run)
        shutil.rmtree(run)
        return jumps > 0

    def new(self, run):
        return [self.eras, "run", "--corpus", "village", "--budget", "tokens=8k", "--deterministic", "--checkpoint-every", "100ms", "--out", run]

    def how(self):
        return {"cwd": self.folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}

    def call(self, arguments, how=None):
        process = subprocess.run(arguments, **(how or self.how()))
        return process.returncode, process.stderr

    def expect(self, code, outcome):
        if outcome[0] != code:
            sys.exit(f"ended with {outcome[0]}, not {code}:\n{outcome[1]}")

    def compare(self, run):
        for name, own, expected in zip(TABLES, tables(run), self.whole):
            if own != expected:
                sys.exit(f"{run / name} differs from that of the run that was left alone")

    def mount(self, options):
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", self.mounted], check=True)


def faketime():
    """The library that sets a program's clock, if it is installed."""
    return next((path for path in LIBRARIES if path.exists()), None)


def allow(run, mode):
    """Gives all folders of a run, from the top, these rights; some may be made or go meanwhile."""
    for _ in range(2):
        for folder, _, _ in os.walk(run):
            try:
                os.chmod(folder, mode)
            except FileNotFoundError:
                pass


def tables(run):
    return [(run / name).read_bytes() for name in TABLES]


if __name__ == "__main__":
    main()
