#!/usr/bin/env bash
# Compares the n-grams with KenLM on lower-cased Wikipedia; README.md holds the record. Takes about fifteen minutes.
#   make bench, or after make build: bench/ngram/measure.sh CORPORA
# If KenLM cannot be built (kenlm.sh prints what is missing), only Eras is measured.
set -euo pipefail
source=$(realpath "${1:?the folder that holds the folder enwiki-2019}")/enwiki-2019
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cargo build --release --locked -q -p ngram --example ngram_speed
eras="target/release/eras --workspace $folder"
speed=target/release/examples/ngram_speed
one_thread="taskset -c 1"

timed() { # LABEL COMMAND...: seconds and peak memory
    local label=$1
    shift
    /usr/bin/time -f "$label: %e s, %M kB" "$@" 2>&1 >"$folder/output" | grep "^$label:"
}

mkdir "$folder/first-nine"
ln -s "$source"/part-0[0-8].txt* "$folder/first-nine"
timed "text prepared" $eras corpus prepare "$source" --name all --tokens words --lower --split none
$eras corpus prepare "$folder/first-nine" --name nine --tokens words --lower --split none >/dev/null
$eras corpus prepare "$source"/part-09.txt* --name tenth --tokens words --lower --split none >/dev/null

echo "== Eras, all parts"
for smoothing in "" --kneser-ney; do
    $speed "$folder/corpora/all" "$folder/all$smoothing" $smoothing
    $speed "$folder/corpora/all" "$folder/tight$smoothing" $smoothing --memory 512
    cmp "$folder/all$smoothing/ngrams.fst" "$folder/tight$smoothing/ngrams.fst"
    rm -r "$folder/all$smoothing" "$folder/tight$smoothing"
done
echo "== Eras, models of parts 00 to 08 scoring part 09"
for flags in --raw --kneser-ney; do
    $speed "$folder/corpora/nine" "$folder/nine$flags" $flags
    $one_thread $speed "$folder/corpora/nine" "$folder/nine$flags" --query "$folder/corpora/tenth"
done

tools=${KENLM:-$folder/kenlm}
bench/ngram/kenlm.sh "$tools" || exit 0
for corpus in all nine tenth; do
    python3 bench/ngram/plain_text.py "$folder/corpora/$corpus" train "$folder/$corpus.txt"
done
echo "== KenLM, all parts, then models of parts 00 to 08 scoring part 09"
for corpus in all nine; do
    timed "lmplz" "$tools/lmplz" -o 5 -S 50% -T "$folder" --text "$folder/$corpus.txt" --arpa "$folder/arpa"
    ngrams=$(sed -n '/^ngram/s/.*=//p; /1-grams/q' "$folder/arpa" | paste -sd+ | bc)
    for kind in trie "-q 8 -b 8 trie" probing; do
        timed "build_binary $kind" "$tools/build_binary" -T "$folder" -S 50% $kind "$folder/arpa" "$folder/binary"
        echo "$(stat -c %s "$folder/binary") bytes for $ngrams n-grams"
        [[ $corpus == all ]] || $one_thread "$tools/score_ids" "$folder/binary" "$folder/tenth.txt"
    done
done
echo "== querying text, KenLM (probing) and Eras, seconds for part 09"
timed "query probing" $one_thread "$tools/query" -v summary "$folder/binary" <"$folder/tenth.txt"
cp "$folder"/corpora/nine/vocab.txt "$folder/nine--kneser-ney/"
printf 'tokens = "whitespace"\ncase = "keep"\n' >"$folder/nine--kneser-ney/codec.toml"
timed "eras query" $one_thread $eras query --summary "$folder/nine--kneser-ney" <"$folder/tenth.txt"
