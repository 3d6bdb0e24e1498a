#!/usr/bin/env python3
"""Tests of figures.py on records made on the spot."""

import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
import figures  # noqa: E402


class Filled(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        records = self.root / "bench" / "run" / "records"
        records.mkdir(parents=True)
        content = {"figures": {"minutes": "9 min"}, "tables": {"models": ["| a |", "|---|", "| 1 |"]}}
        (records / "village.json").write_text(json.dumps(content))

    def filled(self, text):
        return figures.filled(text, "a text", self.root)

    def test_figures_and_tables_are_replaced(self):
        before = "It takes <!-- figure run/village minutes -->3 s<!-- end -->.\n<!-- table run/village models -->\nold\n<!-- end -->\n"
        after = self.filled(before)
        self.assertIn("<!-- figure run/village minutes -->9 min<!-- end -->.", after)
        self.assertIn("<!-- table run/village models -->\n| a |\n|---|\n| 1 |\n<!-- end -->", after)
        self.assertNotIn("old", after)
        self.assertEqual(self.filled(after), after)

    def test_a_missing_figure_or_record_is_named(self):
        with self.assertRaisesRegex(figures.Fault, "a text: the record run/village has no hours among its figures; it has minutes"):
            self.filled("<!-- figure run/village hours -->1<!-- end -->")
        with self.assertRaisesRegex(figures.Fault, "bench/run/records/novel.json does not exist; make it with: make records"):
            self.filled("<!-- figure run/novel hours -->1<!-- end -->")


if __name__ == "__main__":
    unittest.main()
