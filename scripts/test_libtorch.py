#!/usr/bin/env python3
"""Tests of libtorch.py against a wheel made on the spot; nothing is downloaded."""

import contextlib
import importlib.util
import io
import os
import shutil
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path
from unittest import mock

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
import libtorch  # noqa: E402

NAME = "torch-2.11.0-cp311-cp311-manylinux_2_28_x86_64.whl"
CONTENT = {
    "torch/lib/libtorch_cpu.so": b"the processor's kernels",
    "torch/lib/libtorch_cuda.so": b"must not be kept",
    "torch/lib/libgomp.so.1": b"threads",
    "torch/include/ATen/Tensor.h": b"#pragma once",
    "torch/include/../../escape.h": b"must not be written",
    "torch/__init__.py": b"",
    "torch-2.11.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: torch\nVersion: 2.11.0\n",
    "torch-2.11.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nTag: cp311-cp311-manylinux_2_28_x86_64\n",
    "torch-2.11.0.dist-info/RECORD": b"",
}


class Install(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.cache = self.root / "cache" / "libtorch"
        self.index = self.root / "index"
        self.index.mkdir()
        with zipfile.ZipFile(self.index / NAME, "w") as archive:
            for name, content in CONTENT.items():
                archive.writestr(name, content)
        real = libtorch.WHEELS[0]
        self.wheel = real._replace(sha256=libtorch.sha256_of(self.index / NAME))
        self.downloads = 0
        self.patch(libtorch, "WHEELS", [self.wheel])
        self.patch(libtorch, "SPACE_NEEDED", 0)
        self.patch(libtorch, "check_platform", lambda: None)
        self.patch(libtorch, "fetch", self.fake_fetch)
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("LIBTORCH", "PIP_"))}
        patcher = mock.patch.dict(os.environ, environment, clear=True)
        patcher.start()
        self.addCleanup(patcher.stop)

    def patch(self, module, name, value):
        patcher = mock.patch.object(module, name, value)
        patcher.start()
        self.addCleanup(patcher.stop)

    def fake_fetch(self, _wheel, folder):
        self.downloads += 1
        return Path(shutil.copy(self.index / NAME, folder))

    def install(self, clone="clone", check=libtorch.GLANCE):
        target = self.root / clone / "libtorch"
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            libtorch.install(target, self.cache, check)
        self.output = output.getvalue()
        return target

    def left_behind(self):
        return sorted(str(path.relative_to(self.root)) for path in self.root.rglob("*partial*"))

    def test_keeps_only_what_is_wanted(self):
        target = self.install()
        kept = sorted(str(path.relative_to(target)) for path in target.rglob("*") if path.is_file())
        self.assertEqual(
            kept,
            ["build-version", "include/ATen/Tensor.h", "lib/libgomp.so.1", "lib/libtorch_cpu.so", "manifest.json"],
        )
        self.assertEqual(self.left_behind(), [])

    def test_second_clone_downloads_nothing_and_shares_the_bytes(self):
        first, second = self.install("one"), self.install("two")
        self.assertEqual(self.downloads, 1)
        library = "lib/libtorch_cpu.so"
        self.assertTrue(os.path.samefile(first / library, second / library))

    def test_copies_where_hard_links_do_not_reach(self):
        with mock.patch.object(os, "link", side_effect=OSError(libtorch.errno.EXDEV, "another disk")):
            target = self.install()
        self.assertEqual((target / "lib/libtorch_cpu.so").read_bytes(), CONTENT["torch/lib/libtorch_cpu.so"])

    def test_wrong_checksum_is_refused_by_name(self):
        self.patch(libtorch, "WHEELS", [self.wheel._replace(sha256="0" * 64)])
        with self.assertRaises(libtorch.Failure) as caught:
            self.install()
        for part in (NAME, "0" * 64, self.wheel.sha256):
            self.assertIn(part, str(caught.exception))
        self.assertFalse(self.cache.exists())
        self.assertEqual(self.left_behind(), [])

    def test_interruption_leaves_nothing_and_the_next_call_succeeds(self):
        def interrupted(path, keep, folder):
            (folder / "lib").mkdir()
            (folder / "lib" / "libtorch_cpu.so").write_bytes(b"half")
            raise KeyboardInterrupt

        with mock.patch.object(libtorch, "unpack", interrupted), self.assertRaises(KeyboardInterrupt):
            self.install()
        self.assertFalse(self.cache.exists())
        self.assertEqual(self.left_behind(), [])
        self.assertTrue(self.install().exists())

    def test_what_a_killed_call_left_is_removed(self):
        stale = self.cache.parent / (self.cache.name + ".partial-killed")
        stale.mkdir(parents=True)
        (stale / "half").write_bytes(b"half")
        self.install()
        self.assertEqual(self.left_behind(), [])

    def test_truncated_or_missing_library_is_installed_again(self):
        target = self.install()
        for damage in (lambda path: path.write_bytes(b"short"), lambda path: None):
            library = target / "lib/libtorch_cpu.so"
            library.unlink()
            damage(library)
            self.install()
            self.assertEqual(library.read_bytes(), CONTENT["torch/lib/libtorch_cpu.so"])
        self.assertEqual(self.downloads, 1)

    def test_verify_finds_a_changed_byte_even_in_the_cache(self):
        library = self.install() / "lib/libtorch_cpu.so"
        library.chmod(0o644)
        library.write_bytes(CONTENT["torch/lib/libtorch_cpu.so"].upper())  # the cache shares these bytes
        self.install()
        self.assertEqual(self.downloads, 1, "a glance looks at sizes only")
        self.install(check=libtorch.CHECKSUMS)
        self.assertIn("wrong checksum", self.output)
        self.assertEqual(self.downloads, 2)
        self.assertEqual(library.read_bytes(), CONTENT["torch/lib/libtorch_cpu.so"])

    def test_changed_pins_replace_the_installation(self):
        self.install()
        self.patch(libtorch, "WHEELS", [self.wheel._replace(keep=[("torch/lib/libgomp*", "lib", 2)])])
        target = self.install()
        self.assertEqual([path.name for path in (target / "lib").iterdir()], ["libgomp.so.1"])

    def own(self, version_file="build-version", text="2.11.0\n"):
        folder = self.root / "own libtorch"
        (folder / "lib").mkdir(parents=True, exist_ok=True)
        (folder / "lib/libtorch_cpu.so").write_bytes(b"kernels")
        (folder / version_file).write_text(text)
        return folder

    def test_a_libtorch_of_the_users_own_wins(self):
        with mock.patch.dict(os.environ, {"LIBTORCH": str(self.own())}):
            self.assertFalse(self.install().exists())
        self.assertIn("LIBTORCH is set", self.output)
        self.assertEqual(len(self.output.splitlines()), 1)

    def test_the_libtorch_of_pytorch_wins(self):
        package = self.own("version.py", "from typing import Optional\n__version__ = '2.11.0+cu130'\n")
        spec = mock.Mock(submodule_search_locations=[str(package)])
        with mock.patch.dict(os.environ, {"LIBTORCH_USE_PYTORCH": "1"}):
            with mock.patch.object(libtorch.importlib.util, "find_spec", return_value=spec):
                self.assertFalse(self.install().exists())
            with mock.patch.object(libtorch.importlib.util, "find_spec", return_value=None):
                with self.assertRaisesRegex(libtorch.Failure, "no torch"):
                    self.install()

    def test_another_version_of_the_users_own_is_refused_with_a_remedy(self):
        for file, text, version in (
            ("build-version", "2.4.1+cpu\n", "2.4.1"),
            ("version.py", '__version__: str = "2.10.0"\n', "2.10.0"),
        ):
            folder = self.own(file, text)
            with mock.patch.dict(os.environ, {"LIBTORCH": str(folder)}):
                with self.assertRaises(libtorch.Failure) as caught:
                    self.install()
                for part in (str(folder), version, libtorch.VERSION, "Unset LIBTORCH"):
                    self.assertIn(part, str(caught.exception))
                with mock.patch.dict(os.environ, {"LIBTORCH_BYPASS_VERSION_CHECK": "1"}):
                    self.assertFalse(self.install().exists())
            (folder / file).unlink()

    def test_a_folder_without_libtorch_is_refused(self):
        for place in (self.root / "nowhere", self.root):
            with mock.patch.dict(os.environ, {"LIBTORCH": str(place)}):
                with self.assertRaisesRegex(libtorch.Failure, "holds no libtorch_cpu"):
                    self.install()

    def test_full_disk_names_the_remedy(self):
        self.patch(libtorch, "SPACE_NEEDED", 10**18)
        with self.assertRaisesRegex(libtorch.Failure, "XDG_CACHE_HOME"):
            self.install()


class Fetch(unittest.TestCase):
    """The real pip, with a folder in place of the package index."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        (self.root / "index").mkdir()
        (self.root / "out").mkdir()
        settings = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.root / "index"), "PIP_CONFIG_FILE": os.devnull}
        patcher = mock.patch.dict(os.environ, settings)
        patcher.start()
        self.addCleanup(patcher.stop)

    @unittest.skipIf(importlib.util.find_spec("pip") is None, "needs pip")
    def test_pip_fetches_the_pinned_tags_whatever_python_runs(self):
        with zipfile.ZipFile(self.root / "index" / NAME, "w") as archive:
            for name, content in CONTENT.items():
                archive.writestr(name, content)
        path = libtorch.fetch(libtorch.WHEELS[0], self.root / "out")
        self.assertEqual(path.name, NAME)

    @unittest.skipIf(importlib.util.find_spec("pip") is None, "needs pip")
    def test_no_network_names_the_remedy(self):
        descriptor = os.dup(2)  # pip's own words are expected here and would only alarm the reader
        self.addCleanup(os.close, descriptor)
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
            try:
                with self.assertRaisesRegex(libtorch.Failure, "set LIBTORCH"):
                    libtorch.fetch(libtorch.WHEELS[0], self.root / "out")
            finally:
                os.dup2(descriptor, 2)

    def test_missing_pip_names_the_remedy(self):
        with mock.patch.object(libtorch.importlib.util, "find_spec", return_value=None):
            with self.assertRaisesRegex(libtorch.Failure, "python3-pip"):
                libtorch.fetch(libtorch.WHEELS[0], self.root / "out")

    def test_other_platforms_are_told_to_bring_their_own(self):
        with mock.patch.object(libtorch.platform, "machine", return_value="aarch64"):
            with self.assertRaisesRegex(libtorch.Failure, "Set LIBTORCH"):
                libtorch.check_platform()


if __name__ == "__main__":
    unittest.main()
