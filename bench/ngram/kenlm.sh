#!/usr/bin/env bash
# Builds KenLM's lmplz, build_binary and query from the source package that pip serves, and score_ids.cc with it.
#   bench/ngram/kenlm.sh FOLDER
# The tools end up in FOLDER; if all exist, nothing happens. JOBS=2 compiles two files at a time.
# Needs cmake, a C++ compiler, make, Boost and Python with pip; on Debian and Ubuntu:
#   apt install build-essential cmake python3-pip zlib1g-dev \
#       libboost-program-options-dev libboost-system-dev libboost-thread-dev libboost-test-dev
set -euo pipefail
version=0.3.0
sha256=c4628bb9fb63c8a6f9240035b8b037385cfc404cb72e933cf48878291edac1e8
tools=(lmplz build_binary query)
here=$(cd "$(dirname "$0")" && pwd)

fail() {
    echo "kenlm.sh: $1" >&2
    echo "On Debian and Ubuntu: apt install build-essential cmake python3-pip zlib1g-dev" \
        "libboost-program-options-dev libboost-system-dev libboost-thread-dev libboost-test-dev" >&2
    exit 1
}

mkdir -p "${1:?usage: kenlm.sh FOLDER}"
folder=$(cd "$1" && pwd)
missing=0
for tool in "${tools[@]}" score_ids; do
    [[ -x $folder/$tool ]] || missing=1
done
[[ $missing == 1 ]] || exit 0

for command in cmake make c++ python3; do
    command -v "$command" >/dev/null || fail "'$command' is missing"
done
python3 -m pip --version >/dev/null 2>&1 || fail "Python's pip is missing"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# Checks for Boost before the download, since it is missing most often.
for header in program_options system/error_code thread test/unit_test; do
    echo "#include <boost/$header.hpp>" | c++ -x c++ -std=c++11 -fsyntax-only - 2>/dev/null ||
        fail "Boost is missing: no <boost/$header.hpp>"
done

cd "$scratch"
python3 -m pip download --quiet --disable-pip-version-check --no-deps --no-binary kenlm "kenlm==$version"
echo "$sha256  kenlm-$version.tar.gz" | sha256sum --check --quiet
tar xzf "kenlm-$version.tar.gz"
cmake -S "kenlm-$version" -B build -DCMAKE_BUILD_TYPE=Release -DENABLE_INTERPOLATE=OFF >cmake.log 2>&1 || {
    cat cmake.log >&2
    fail "cmake failed, most often because a part of Boost is missing"
}
make -C build -j"${JOBS:-1}" "${tools[@]}" >make.log 2>&1 || {
    tail -n 40 make.log >&2
    fail "KenLM does not compile"
}
for tool in "${tools[@]}"; do
    install "build/bin/$tool" "$folder/$tool"
done
c++ -O3 -DNDEBUG -DKENLM_MAX_ORDER=6 -I"kenlm-$version" "$here/score_ids.cc" build/lib/libkenlm.a build/lib/libkenlm_util.a \
    $(for library in z bz2 lzma; do
        echo 'int main() {}' | c++ -x c++ - -l$library -o /dev/null 2>/dev/null && echo "-l$library"
    done) -lboost_system -lboost_thread -lpthread -lrt -o "$folder/score_ids"
