#!/usr/bin/env bash
# Makes records/kenlm.json: 5-grams of lower-cased Wikipedia by Eras and by KenLM: time, memory and size of building (three turns), time
# of scoring a text (five turns, one thread). Half an hour on two cores, which nothing else may use.
#   make records, or after make build: bench/ngram/records.sh WORK CORPORA
# KENLM names a folder with tools that kenlm.sh has built; else it builds them, and says what is missing.
set -euo pipefail
work=$(realpath "${1:?the folder for what is made on the way}")
[[ -n ${2:-} ]] || { echo "skipped: CORPORA names no folder with enwiki-2019"; exit 0; }
source=$(realpath "$2")/enwiki-2019
cd "$(dirname "$0")/../.."
tools=${KENLM:-$work/kenlm}
bench/ngram/kenlm.sh "$tools"
cargo build --release --locked -q -p ngram --example ngram_speed
folder=$work/ngram
mkdir -p "$folder/first-nine"
eras=(target/release/eras --workspace "$folder")
speed=target/release/examples/ngram_speed
one_thread=(taskset -c 1)

# OUT COMMAND...: runs a command unless its output is there; seconds and peak memory are the last line.
measured() {
    local out=$folder/$1
    shift
    [[ -s $out ]] && return
    /usr/bin/time -f "time: %e s, %M kB" "$@" >"$out.tmp" 2>&1 || { cat "$out.tmp" >&2; return 1; }
    tail -n 3 "$out.tmp"
    mv "$out.tmp" "$out"
}

ln -sf "$source"/part-0[0-8].txt* "$folder/first-nine"
[[ -d $folder/corpora/nine ]] ||
    "${eras[@]}" corpus prepare "$folder/first-nine" --name nine --tokens words --lower --split none >/dev/null
[[ -d $folder/corpora/tenth ]] ||
    "${eras[@]}" corpus prepare "$source"/part-09.txt* --name tenth --tokens words --lower --split none >/dev/null
for turn in 1 2 3; do
    measured "prepare-$turn" "${eras[@]}" corpus prepare "$source" --name all --tokens words --lower --split none --force
    for smoothing in stupid-backoff kneser-ney; do
        flags=()
        [[ $smoothing == stupid-backoff ]] || flags=(--kneser-ney)
        rm -rf "$folder/model"
        measured "$smoothing-$turn" $speed "$folder/corpora/all" "$folder/model" "${flags[@]}"
        rm -rf "$folder/model"
        measured "$smoothing-512M-$turn" $speed "$folder/corpora/all" "$folder/model" "${flags[@]}" --memory 512
    done
    [[ -f $folder/all.txt ]] || python3 bench/ngram/plain_text.py "$folder/corpora/all" train "$folder/all.txt"
    measured "lmplz-$turn" "$tools/lmplz" -o 5 -S 50% -T "$folder" --text "$folder/all.txt" --arpa "$folder/all.arpa"
    measured "trie-$turn" "$tools/build_binary" -T "$folder" -S 50% trie "$folder/all.arpa" "$folder/all.trie"
    stat -c %s "$folder/all.trie" >"$folder/trie-bytes"
done

echo "== models of parts 00 to 08, which score part 09"
for part in nine tenth; do
    [[ -f $folder/$part.txt ]] || python3 bench/ngram/plain_text.py "$folder/corpora/$part" train "$folder/$part.txt"
done
[[ -d $folder/raw ]] || $speed "$folder/corpora/nine" "$folder/raw" --raw
[[ -d $folder/kneser-ney ]] || $speed "$folder/corpora/nine" "$folder/kneser-ney" --kneser-ney
if [[ ! -f $folder/nine.arpa ]]; then
    "$tools/lmplz" -o 5 -S 50% -T "$folder" --text "$folder/nine.txt" --arpa "$folder/nine.arpa.tmp"
    mv "$folder/nine.arpa.tmp" "$folder/nine.arpa"
fi
kinds=("trie" "-q 8 -b 8 trie" "probing")
for kind in "${kinds[@]}"; do
    binary=$folder/nine-${kind// /}
    # Without quotes: the kind is a list of arguments.
    [[ -f $binary ]] || "$tools/build_binary" -T "$folder" -S 50% $kind "$folder/nine.arpa" "$binary"
done
for turn in 1 2 3 4 5; do
    measured "score-raw-$turn" "${one_thread[@]}" $speed "$folder/corpora/nine" "$folder/raw" --query "$folder/corpora/tenth"
    measured "score-kneser-ney-$turn" "${one_thread[@]}" $speed "$folder/corpora/nine" "$folder/kneser-ney" --query "$folder/corpora/tenth"
    for kind in "${kinds[@]}"; do
        measured "score-${kind// /}-$turn" "${one_thread[@]}" "$tools/score_ids" "$folder/nine-${kind// /}" "$folder/tenth.txt"
    done
done
python3 bench/ngram/record.py "$folder"
rm -f "$folder"/*.arpa "$folder"/all.trie
