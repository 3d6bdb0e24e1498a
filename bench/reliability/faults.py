#!/usr/bin/env python3
"""Full disks, read-only folders and jumping clocks at random moments of a run of all eras.

    sudo bench/reliability/faults.py target/release/eras --times 20

Each round starts a run on a small village under a fault. The run must end with code 1 and a message that names file and
reason; resumed without the fault, it must produce the tables of an undisturbed run, byte for byte. Clocks jump by days in both
directions during a run; that must change neither the tables nor the length of a time budget. File systems of a fixed size
and runs by another user, whose folders become read-only, need root; clocks need faketime (a package of that name). Standard
library only.
"""

import argparse
import csv
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from pathlib import Path

TABLES = ["results.csv", "translation.csv", "conversation.csv", "words.csv", "breakdowns.csv", "comparisons.csv"]
LIBRARIES = [Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"), Path("/usr/lib64/faketime/libfaketime.so.1")]
KINDS = ["full", "read-only", "clock"]
REASONS = {"full": "No space left on device", "read-only": "Permission denied"}
# A time budget in seconds, which jumps of the clock must not affect.
SECONDS = 3
# The user of runs with read-only folders, because root can write anywhere.
USER = "nobody"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("eras", type=Path)
    parser.add_argument("--times", type=int, default=20, help="faults of each kind")
    parser.add_argument("--kinds", nargs="+", default=KINDS, choices=KINDS)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("mounting file systems of a fixed size needs root")
    if "clock" in options.kinds and faketime() is None:
        sys.exit("clock faults need faketime; without it, use --kinds full read-only")
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
        if name == "clock":
            check_jumps(self.folder / "stamp")
        hit = sum(fault() for _ in range(times))
        print(f"{name}: {hit} of {times} faults interrupted a run; all runs produced the same tables", flush=True)

    def full(self):
        """A run on a file system of random size, usually too small."""
        self.mount(f"size={self.random.randrange(64 << 10, int(1.1 * self.bytes))}")
        try:
            run = self.mounted / "run"
            process = subprocess.Popen(self.new(run), **self.how())
            return self.finish("full", process, run, lambda: self.mount(f"remount,size={1 << 30}"), self.how())
        finally:
            subprocess.run(["umount", self.mounted], check=True)

    def read_only(self):
        """A run whose folders become read-only at a random time."""
        run, how = self.given / "run", self.how() | {"user": USER}
        process = subprocess.Popen(self.new(run), **how)
        time.sleep(self.random.uniform(0.1, 1.0) * self.seconds)
        set_mode(run, 0o555)
        hit = self.finish("read-only", process, run, lambda: set_mode(run, 0o755), how)
        shutil.rmtree(run)
        return hit

    def finish(self, kind, process, run, remove_fault, how):
        """Checks the error message, removes the fault, resumes and compares; returns whether the fault interrupted the run."""
        error = process.communicate()[1]
        if process.returncode != 0:
            self.expect(1, (process.returncode, error))
            if REASONS[kind] not in error or "run/" not in error:
                sys.exit(f"{kind}: the message does not name file and reason:\n{error}")
        remove_fault()
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
        """A run while the wall clock jumps by days; the monotonic clock is not affected, as on a real machine."""
        run = self.folder / "run"
        self.under_jumps(self.new(run), run)
        self.compare(run)
        shutil.rmtree(run)
        self.timed(run)
        return True

    def timed(self, run):
        """The same with a time budget: training that used the wall clock would end at once, or never."""
        eras = "ngram/stupid-backoff,word2vec/skip-gram,seq2seq/lstm"
        trained = [run / "word2vec/skip-gram/words", run / "seq2seq/lstm/language-modelling"]
        began = time.monotonic()
        arguments = ["run", "--corpus", "village", "--budget", f"{SECONDS}s", "--eras", eras, "--out", run]
        self.under_jumps([self.eras, *arguments], run, trained)
        duration = time.monotonic() - began
        with open(run / "costs.csv", newline="") as file:
            spent = {row["era"]: float(row["training_seconds"]) for row in csv.DictReader(file)}
        for era in ["word2vec", "seq2seq"]:
            if not 0.9 * SECONDS < spent[era] < 1.5 * SECONDS:
                sys.exit(f"clock: {era} trained for {spent[era]:.2f} s, not {SECONDS} s")
        # Counting ignores the budget, and evaluation is not limited, but both take less time than a run of all eras.
        if not 0 <= spent["ngram"] < self.seconds or not 1.8 * SECONDS < duration < 3 * SECONDS + self.seconds:
            sys.exit(f"clock: counting took {spent['ngram']:.2f} s, the whole run {duration:.2f} s")
        shutil.rmtree(run)

    def under_jumps(self, arguments, run, trained=()):
        """Runs the program while the clock jumps; several jumps must occur during the run and the training of each entry."""
        stamp, how = self.folder / "stamp", self.how()
        how["env"] = jumping(stamp)
        # The run's record shows the initial time of the clock.
        stamp.write_text("+4000d\n")
        year = time.gmtime(time.time() + 4000 * 86400).tm_year
        process, messages = subprocess.Popen(arguments, **how), []
        # Reads the pipe to its end, because a full pipe would block the run.
        reader = threading.Thread(target=lambda: messages.append(process.stderr.read()))
        reader.start()
        jumps, began = dict.fromkeys([run, *trained], 0), time.monotonic()
        while process.poll() is None:
            if time.monotonic() - began > 60 + 10 * self.seconds:
                process.kill()
                sys.exit("clock: the program does not end")
            if (run / "run.toml").exists():
                jump(stamp, self.random.choice([-1, 1]) * self.random.randrange(100, 400))
                for folder in jumps:
                    jumps[folder] += is_in_progress(folder)
            time.sleep(self.random.uniform(0.05, 0.5))
        reader.join()
        self.expect(0, (process.returncode, messages[0]))
        started = tomllib.loads((run / "run.toml").read_text())["started"]
        if abs(int(started[:4]) - year) > 1:
            sys.exit(f"clock: the program did not use the faked clock: it started in {started}")
        if min(jumps.values()) < 3:
            sys.exit(f"clock: too few jumps occurred during the run: {jumps}")

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
                sys.exit(f"{run / name} differs from that of the undisturbed run")

    def mount(self, options):
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", self.mounted], check=True)


def faketime():
    """The library that fakes a program's clock, if it is installed."""
    return next((path for path in LIBRARIES if path.exists()), None)


def jumping(stamp):
    """The environment of a program whose wall clock, but not its monotonic clock, follows the offset in a file."""
    return os.environ | {
        "LD_PRELOAD": str(faketime()),
        "FAKETIME_TIMESTAMP_FILE": str(stamp),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


def jump(stamp, days):
    new = stamp.with_suffix(".new")
    new.write_text(f"{days:+d}d\n")
    new.rename(stamp)


def check_jumps(stamp):
    """Checks that a running program sees jumps of its wall clock but not of its monotonic clock; otherwise exits."""
    look = "import time; t, m = time.time(), time.monotonic(); print(flush=True); input(); print(time.time() - t, time.monotonic() - m)"
    jump(stamp, 0)
    how = {"env": jumping(stamp), "stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", look], **how) as process:
        process.stdout.readline()
        jump(stamp, 100)
        seen, measured = map(float, process.communicate("\n")[0].split())
    if not (99 < seen / 86400 < 101 and measured < 60):
        sys.exit(f"clock: after a jump of 100 days, the wall clock moved by {seen:.1f} s, the monotonic clock by {measured:.1f} s")


def is_in_progress(folder):
    """Whether a run or the training of an entry is in progress: its settings exist, but not its learning curve."""
    began = any((folder / name).exists() for name in ["run.toml", "config.toml"])
    return began and not (folder / "curve.csv").exists()


def set_mode(run, mode):
    """Sets the mode of all folders of a run, top down; some may be created or removed meanwhile."""
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
