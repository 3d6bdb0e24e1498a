#!/usr/bin/env python3
"""Tests of clean_environment, which scripts/test sources."""

import os
import subprocess
import unittest
from pathlib import Path

FILE = Path(__file__).resolve().parent / "clean_environment"
HOSTILE = {
    "ERAS_WORKSPACE": "/proc/workspace",
    "XDG_CACHE_HOME": "/proc",
    "http_proxy": "http://127.0.0.1:1",
    "HTTPS_PROXY": "nonsense",
    "LC_NUMERIC": "de_DE.UTF-8",
    "LANG": "de_DE.ISO-8859-1",
    "COLUMNS": "wide",
    "OMP_NUM_THREADS": "0",
    "GOMP_CPU_AFFINITY": "99",
    "RAYON_NUM_THREADS": "x",
    "CARGO_TERM_QUIET": "true",
}
KEPT = {
    "HOME": "/home/a student",
    "CARGO_HOME": "/opt/cargo",
    "LIBTORCH": "/opt/libtorch",
    "LD_LIBRARY_PATH": "/opt/libtorch/lib",
    "ERAS_CORPORA": "/corpora",
}


def cleaned(environment):
    """The environment after the file was sourced."""
    script = 'set -euo pipefail; . "$0"; env -0'
    path = {"PATH": os.environ["PATH"]}
    output = subprocess.run(["bash", "-c", script, FILE], env={**path, **environment}, stdout=subprocess.PIPE, check=True)
    return dict(entry.split("=", 1) for entry in output.stdout.decode().split("\0") if entry)


class CleanEnvironment(unittest.TestCase):
    def test_settings_for_other_programs_are_removed(self):
        left = cleaned(HOSTILE)
        self.assertEqual([name for name in HOSTILE if name in left], [])

    def test_what_cargo_libtorch_and_tests_need_stays(self):
        left = cleaned(KEPT)
        self.assertEqual({name: left.get(name) for name in KEPT}, KEPT)

    def test_language_log_and_waiting_threads_are_always_the_same(self):
        for given in ({}, {"LC_ALL": "tr_TR.UTF-8", "CARGO_TERM_COLOR": "always", "GOMP_SPINCOUNT": "infinite"}):
            left = cleaned(given)
            found = [left[name] for name in ("LC_ALL", "CARGO_TERM_COLOR", "GOMP_SPINCOUNT")]
            self.assertEqual(found, ["C.UTF-8", "never", "1000"])


if __name__ == "__main__":
    unittest.main()
