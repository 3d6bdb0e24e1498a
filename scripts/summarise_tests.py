#!/usr/bin/env python3
"""Counts the tests of each crate and lists those that were skipped. scripts/test calls it with a folder of these files:

log        what `cargo test` has printed, standard error included
programs   what `cargo test --no-run --message-format=json` has printed: the crate of each test program
metadata   what `cargo metadata` has printed: the crate of each library, for documentation tests
skipped    a line for each skip: crate, test and reason, separated by tabs; absent if no test was skipped

Fails if a crate runs no test, if an entry of the list of allowed skips names no test, and, with --strict, if a test is skipped
that is not in that list.
"""

import argparse
import json
import os
import re
import sys
from collections import namedtuple
from pathlib import Path

ALLOWED = Path(__file__).resolve().parent / "allowed-skips.txt"

Skip = namedtuple("Skip", "crate test reason")
# passed: number by crate; ran: set of (crate, test), passed or ignored; ignored: list of Skip.
Tests = namedtuple("Tests", "passed ran ignored")


class Fault(Exception):
    """Why the tests do not count as passed."""


def crates(programs, metadata):
    """The names of all crates, the crate of each test program, and the crate of each library."""
    packages = json.loads(metadata)["packages"]
    crate_of_id = {package["id"]: package["name"] for package in packages}
    crate_of_library = {
        target["name"].replace("-", "_"): package["name"]
        for package in packages
        for target in package["targets"]
        if "lib" in target["kind"]
    }
    crate_of_program = {}
    for line in programs.splitlines():
        message = json.loads(line) if line.startswith("{") else {}
        if message.get("executable") and message["package_id"] in crate_of_id:
            crate_of_program[os.path.basename(message["executable"])] = crate_of_id[message["package_id"]]
    return sorted(crate_of_id.values()), crate_of_program, crate_of_library


def read_log(log, names, crate_of_program, crate_of_library):
    """What each crate has tested. The log names test programs, not crates."""
    tests = Tests(dict.fromkeys(names, 0), set(), [])
    crate = None
    for line in log.splitlines():
        if program := re.match(r"\s+Running .*\((.+)\)$", line):
            crate = crate_of_program.get(os.path.basename(program[1]))
        elif library := re.match(r"\s+Doc-tests (\S+)$", line):
            crate = crate_of_library.get(library[1])
        elif not crate:
            continue
        elif result := re.match(r"test result: ok\. (\d+) passed", line):
            tests.passed[crate] += int(result[1])
        elif test := re.match(r"test (.+?)(?: - should panic)? \.\.\. (ok|ignored)(?:, (.*))?$", line):
            tests.ran.add((crate, test[1]))
            if test[2] == "ignored":
                tests.ignored.append(Skip(crate, test[1], test[3] or "ignored without a reason"))
    return tests


def read_skips(text):
    """The skips that the tests have noted, each test once."""
    skips = {}
    for line in text.splitlines():
        crate, test, reason = line.split("\t", 2)
        skips.setdefault((crate, test), Skip(crate, test, reason))
    return sorted(skips.values())


def read_allowed(text):
    """The tests that may be skipped. A line holds a crate and a test, then `#` and why; a line of a comment only is a heading."""
    allowed = set()
    for number, line in enumerate(text.splitlines(), 1):
        entry, _, why = line.partition("#")
        words = entry.split()
        if words and (len(words) != 2 or not why.strip()):
            raise Fault(f"allowed-skips.txt, line {number}: expected `CRATE TEST  # WHY IT MAY BE SKIPPED`, got `{line}`")
        if words:
            allowed.add(tuple(words))
    return allowed


def check(tests, skips, allowed, strict):
    """Raises `Fault` with the first rule that is broken."""
    untested = [name for name, count in tests.passed.items() if count == 0]
    if untested:
        raise Fault(f"no test runs in: {', '.join(untested)}. Every crate needs at least one.")
    unknown = sorted(allowed - tests.ran)
    if unknown:
        listed = ", ".join(" ".join(entry) for entry in unknown)
        raise Fault(f"allowed-skips.txt lists tests that do not exist: {listed}. Remove or rename the entries.")
    refused = [skip for skip in skips if (skip.crate, skip.test) not in allowed]
    if strict and refused:
        listed = "; ".join(f"{skip.crate} {skip.test} ({skip.reason})" for skip in refused)
        raise Fault(
            f"skipped, but not in scripts/allowed-skips.txt: {listed}. "
            "Provide what the tests need, or list them there with the reason why they may be skipped."
        )


def main(arguments, out=sys.stdout):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--allowed", type=Path, default=ALLOWED)
    parser.add_argument("--strict", action="store_true", help="a skip that is not allowed is a failure")
    options = parser.parse_args(arguments)

    def read(name):
        return (options.folder / name).read_text(encoding="utf-8", errors="replace")

    tests = read_log(read("log"), *crates(read("programs"), read("metadata")))
    noted = read_skips(read("skipped") if (options.folder / "skipped").exists() else "")
    skips = sorted(noted + tests.ignored)
    # A skipped test returns early, so the test framework counts it as passed.
    passed = dict(tests.passed)
    for skip in noted:
        passed[skip.crate] = passed.get(skip.crate, 0) - 1
    print("== tests passed: " + ", ".join(f"{name} {count}" for name, count in passed.items()), file=out)
    print(f"== tests skipped: {len(skips)}", file=out)
    for skip in skips:
        print(f"   {skip.crate} {skip.test}: {skip.reason}", file=out)
    check(tests._replace(passed=passed), skips, read_allowed(options.allowed.read_text(encoding="utf-8")), options.strict)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Fault as fault:
        sys.exit(f"error: {fault}")
