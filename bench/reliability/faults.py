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
# A time budget, which the clock must not change.
SECONDS = 3
# The user of runs with read-only folders: root may write everywhere.
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
    if "clock" in options.kinds and faketime() is None:
        sys.exit("clocks need faketime; without it there is --kinds full read-only")
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
            try_jumps(self.folder / "stamp")
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
        run = self.folder / "run"
        self.under_jumps(self.new(run), run)
        self.compare(run)
        shutil.rmtree(run)
        self.timed(run)
        return True

    def timed(self, run):
        """The same where the budget is a time: a training that looked at this clock would end at once, or never."""
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
        # Counting has no budget, and judging takes what it takes, but not as long as a run of all eras.
        if not 0 <= spent["ngram"] < self.seconds or not 1.8 * SECONDS < duration < 3 * SECONDS + self.seconds:
            sys.exit(f"clock: counting took {spent['ngram']:.2f} s, the whole run {duration:.2f} s")
        shutil.rmtree(run)

    def under_jumps(self, arguments, run, trained=()):
        """Runs the program on a clock that jumps, which must come in its way, and while each of these entries is trained."""
        stamp, how = self.folder / "stamp", self.how()
        how["env"] = jumping(stamp)
        # Where the clock began can be seen in the run's record.
        stamp.write_text("+4000d\n")
        year = time.gmtime(time.time() + 4000 * 86400).tm_year
        process, told = subprocess.Popen(arguments, **how), []
        # Read to the end, lest a full pipe stop the run.
        reader = threading.Thread(target=lambda: told.append(process.stderr.read()))
        reader.start()
        jumps, began = dict.fromkeys([run, *trained], 0), time.monotonic()
        while process.poll() is None:
            if time.monotonic() - began > 60 + 10 * self.seconds:
                process.kill()
                sys.exit("clock: the program does not come to an end")
            if (run / "run.toml").exists():
                jump(stamp, self.random.choice([-1, 1]) * self.random.randrange(100, 400))
                for folder in jumps:
                    jumps[folder] += is_at_work(folder)
            time.sleep(self.random.uniform(0.05, 0.5))
        reader.join()
        self.expect(0, (process.returncode, told[0]))
        started = tomllib.loads((run / "run.toml").read_text())["started"]
        if abs(int(started[:4]) - year) > 1:
            sys.exit(f"clock: the program did not look at the clock that was set: it began in {started}")
        if min(jumps.values()) < 3:
            sys.exit(f"clock: too few jumps came in the way: {jumps}")

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


def jumping(stamp):
    """The environment of a program whose clock is set by a file, and set anew whenever that is; its stop-watch is not."""
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


def try_jumps(stamp):
    """Whether a program that runs sees its clock jump, and its stop-watch does not: without it nothing is tried."""
    look = "import time; t, m = time.time(), time.monotonic(); print(flush=True); input(); print(time.time() - t, time.monotonic() - m)"
    jump(stamp, 0)
    how = {"env": jumping(stamp), "stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", look], **how) as process:
        process.stdout.readline()
        jump(stamp, 100)
        seen, measured = map(float, process.communicate("\n")[0].split())
    if not (99 < seen / 86400 < 101 and measured < 60):
        sys.exit(f"clock: set forward by 100 days, but {seen:.1f} s were seen and {measured:.1f} s measured")


def is_at_work(folder):
    """Whether a run is under way, or an entry in it trained: between its settings and its learning curve."""
    began = any((folder / name).exists() for name in ["run.toml", "config.toml"])
    return began and not (folder / "curve.csv").exists()


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
