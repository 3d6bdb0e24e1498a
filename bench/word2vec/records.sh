#!/usr/bin/env bash
# Makes records/equal-settings.json: word vectors of Eras and gensim with the same settings on the same words, three seeds each, by
# turns, judged by one program. Half an hour on two cores.
#   make records CORPORA=…, or after make build: bench/word2vec/records.sh WORK CORPORA
# If gensim cannot be installed (peers.sh prints what is missing), no record is made.
set -euo pipefail
work=$(realpath "${1:?the folder for what is made on the way}")
[[ -n ${2:-} ]] || { echo "skipped: CORPORA names no folder with enwiki-2019 and wordvec-tests"; exit 0; }
corpora=$(realpath "$2")
cd "$(dirname "$0")/../.."
eras=(target/release/eras --workspace "$work")
peers=${WORD2VEC_PEERS:-$work/word2vec-peers}
bench/word2vec/peers.sh "$peers"
[[ -d $work/corpora/enwiki ]] ||
    "${eras[@]}" corpus prepare "$corpora/enwiki-2019" --name enwiki --tokens words --lower --split none >/dev/null
[[ -f $work/enwiki.txt ]] || python3 bench/ngram/plain_text.py "$work/corpora/enwiki" train "$work/enwiki.txt"
tests=("$corpora"/wordvec-tests/{questions-words,EN-SIMLEX-999,EN-WS-353-ALL,EN-RG-65,EN-MC-30}.txt)
mkdir -p "$work/vectors"
# The record may be written after the checkout has moved on.
[[ -f $work/commit-word2vec ]] || git describe --always --dirty >"$work/commit-word2vec"
# The expected length of gensim's initial vectors: components are uniform between -1/200 and 1/200. The C program's are half as long.
length=0.0408
for seed in 1 2 3; do
    for entry in skip-gram cbow skip-gram-tuned cbow-tuned; do
        out=$work/vectors/eras-$entry-$seed
        [[ -f $out.json ]] && continue
        settings=(--set threads=2)
        [[ $entry == *-tuned ]] || settings+=(--set initial_length=$length)
        [[ -d $out ]] ||
            "${eras[@]}" train "word2vec/$entry" --corpus enwiki --seed $seed --budget epochs=1 "${settings[@]}" --out "$out"
        "${eras[@]}" words "$out" evaluate "${tests[@]}" --json >"$out.json"
    done
    for sg in 1 0; do
        out=$work/vectors/gensim-$sg-$seed
        [[ -f $out.json ]] && continue
        "$peers/venv/bin/python" bench/word2vec/gensim_vectors.py "$work/enwiki.txt" "${tests[0]}" \
            --sg $sg --seed $seed --out "$out.bin" | tee "$out.txt"
        "${eras[@]}" words "$out.bin" evaluate "${tests[@]}" --json >"$out.json"
        rm "$out.bin"
    done
done
python3 bench/word2vec/record.py "$work/vectors" "$(cat "$work/commit-word2vec")"
