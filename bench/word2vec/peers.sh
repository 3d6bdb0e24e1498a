#!/usr/bin/env bash
# Builds Mikolov's word2vec, compute-accuracy and word2phrase from the source package that pip serves, and a venv with gensim.
#   bench/word2vec/peers.sh FOLDER
# The tools and word2vec.c end up in FOLDER, gensim in FOLDER/venv; existing files are not built again.
# Needs a C compiler and Python with pip and venv; on Debian and Ubuntu:
#   apt install gcc libc6-dev python3-pip python3-venv
set -euo pipefail
version=0.11.1
sha256=222d8ffb47f385c43eba45e3f308e605fc9736b2b7137d74979adf1a31e7c8b4
gensim=4.4.0
tools=(word2vec compute-accuracy word2phrase)

fail() {
    echo "peers.sh: $1" >&2
    echo "On Debian and Ubuntu: apt install gcc libc6-dev python3-pip python3-venv" >&2
    exit 1
}

mkdir -p "${1:?usage: peers.sh FOLDER}"
folder=$(cd "$1" && pwd)
has_gensim() { "$folder/venv/bin/python" -c "import gensim, sys; sys.exit(gensim.__version__ != '$gensim')" 2>/dev/null; }
missing=0
[[ -f $folder/word2vec.c ]] || missing=1
for tool in "${tools[@]}"; do
    [[ -x $folder/$tool ]] || missing=1
done
has_venv=1
has_gensim || has_venv=0
[[ $missing == 1 || $has_venv == 0 ]] || exit 0

command -v python3 >/dev/null || fail "'python3' is missing"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

if [[ $missing == 1 ]]; then
    command -v gcc >/dev/null || fail "'gcc' is missing"
    echo '#include <pthread.h>' | gcc -x c -fsyntax-only - 2>/dev/null || fail "the headers of the C library are missing"
    python3 -m pip --version >/dev/null 2>&1 || fail "Python's pip is missing"
    # pip builds the metadata of a source package, so it also downloads the build backend (setuptools).
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --no-binary word2vec "word2vec==$version" \
        >pip.log 2>&1 || {
        tail -n 20 pip.log >&2
        fail "pip cannot download the source package word2vec $version"
    }
    echo "$sha256  word2vec-$version.tar.gz" | sha256sum --check --quiet
    tar xzf "word2vec-$version.tar.gz"
    for tool in "${tools[@]}"; do
        # The programs' own flags. -lm follows the source, because the linker resolves libraries in order.
        gcc -O3 -march=native -funroll-loops -w "word2vec-$version/word2vec/includes/$tool.c" -o "$tool" -pthread -lm \
            2>gcc.log || {
            tail -n 40 gcc.log >&2
            fail "$tool.c does not compile"
        }
        install "$tool" "$folder/$tool"
    done
    install -m 644 "word2vec-$version/word2vec/includes/word2vec.c" "$folder/word2vec.c"
fi

if [[ $has_venv == 0 ]]; then
    rm -rf "$folder/venv"
    python3 -m venv "$folder/venv" >venv.log 2>&1 || {
        tail -n 20 venv.log >&2
        rm -rf "$folder/venv"
        fail "Python's venv is missing"
    }
    "$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: "gensim==$gensim" \
        >pip.log 2>&1 || {
        tail -n 20 pip.log >&2
        fail "pip cannot install gensim $gensim, most often because it has no wheel for this Python ($(python3 -V))"
    }
    has_gensim || fail "gensim is installed in $folder/venv but cannot be imported"
fi
