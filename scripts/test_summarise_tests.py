#!/usr/bin/env python3
"""Tests of summarise_tests.py on a made-up log."""

import io
import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
import summarise_tests  # noqa: E402

LOG = """\
   Compiling corpus v0.2.0 (/eras/corpus)
     Running unittests src/lib.rs (target/debug/deps/corpus-1a)
running 3 tests
test read::lines ... ok
test read::panics - should panic ... ok
test read::slow ... ignored, takes an hour
test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s
     Running tests/gpu.rs (target/debug/deps/gpu-2b)
test a_gpu ... ok
test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s
     Running unittests src/main.rs (target/debug/deps/eras-3c)
test starts ... ok
test ends ... ok
test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s
   Doc-tests corpus
test corpus/src/lib.rs - (line 3) ... ok
test corpus/src/lib.rs - later (line 9) ... ignored
test result: ok. 1 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s
"""
PROGRAMS = [("corpus", "corpus-1a"), ("cli", "gpu-2b"), ("cli", "eras-3c")]
ALLOWED = """\
# Things that a machine may lack.
cli a_gpu  # needs a GPU
corpus read::slow  # takes an hour
"""


class Summarise(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        targets = {"corpus": ["lib"], "cli": ["bin"]}
        packages = [
            {"id": f"id-of-{name}", "name": name, "targets": [{"name": name, "kind": kind}]}
            for name, kind in targets.items()
        ]
        programs = [
            json.dumps({"package_id": f"id-of-{name}", "executable": f"/eras/target/debug/deps/{program}"})
            for name, program in PROGRAMS
        ]
        self.write("metadata", json.dumps({"packages": packages}))
        self.write("programs", "\n".join(["not JSON", *programs]))
        self.write("log", LOG)
        self.write("allowed", ALLOWED)

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def summary(self, *options):
        out = io.StringIO()
        summarise_tests.main([str(self.folder), "--allowed", str(self.folder / "allowed"), *options], out)
        return out.getvalue()

    def refuses(self, *words, options=()):
        with self.assertRaises(summarise_tests.Fault) as caught:
            self.summary(*options)
        for word in words:
            self.assertIn(word, str(caught.exception))

    def test_counts_by_crate(self):
        self.assertIn("== tests passed: cli 3, corpus 3\n", self.summary())

    def test_ignored_tests_are_skips_with_their_reason(self):
        text = self.summary()
        self.assertIn("== tests skipped: 2\n", text)
        self.assertIn("   corpus read::slow: takes an hour\n", text)
        self.assertIn("   corpus corpus/src/lib.rs - later (line 9): ignored without a reason\n", text)

    def test_a_noted_skip_is_listed_once_and_has_not_passed(self):
        self.write("skipped", "cli\ta_gpu\tno GPU\ncli\ta_gpu\tno GPU\n")
        text = self.summary()
        self.assertIn("== tests passed: cli 2, corpus 3\n", text)
        self.assertIn("== tests skipped: 3\n", text)
        self.assertEqual(text.count("cli a_gpu: no GPU"), 1)

    def test_only_a_strict_run_refuses_other_skips(self):
        self.write("log", LOG.replace("later (line 9) ... ignored", "later (line 9) ... ok"))
        self.write("skipped", "cli\ta_gpu\tno GPU\n")
        self.summary("--strict")
        self.write("skipped", "cli\ta_gpu\tno GPU\ncli\tstarts\tno terminal\n")
        self.summary()
        self.refuses("cli starts (no terminal)", "allowed-skips.txt", options=["--strict"])

    def test_a_strict_run_refuses_ignored_tests_too(self):
        self.refuses("later (line 9) (ignored without a reason)", options=["--strict"])

    def test_a_crate_without_tests_is_a_fault(self):
        self.write("log", LOG.replace("test result: ok. 2 passed; 0 failed; 0", "test result: ok. 0 passed; 0 failed; 0"))
        self.write("skipped", "cli\ta_gpu\tno GPU\n")
        self.refuses("no test runs in: cli")  # its only other test is skipped

    def test_an_entry_needs_an_existing_test_and_a_reason(self):
        self.write("allowed", "cli a_cpu  # needs a CPU\n")
        self.refuses("do not exist: cli a_cpu")
        self.write("allowed", ALLOWED + "\ncli starts\n")
        self.refuses("line 5", "cli starts")
        self.write("allowed", "cli  # all of it\n")
        self.refuses("line 1")

    def test_the_list_of_this_repository_can_be_read(self):
        text = summarise_tests.ALLOWED.read_text(encoding="utf-8")
        self.assertTrue(summarise_tests.read_allowed(text))


if __name__ == "__main__":
    unittest.main()
