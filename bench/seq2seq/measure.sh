#!/usr/bin/env bash
# Trains LSTMs with reversed and with forward sources; README.md holds the record. Checks the weights of a language model with PyTorch's
# own LSTM where PYTHON (default python3) has torch. Takes two hours.
#   make bench, or after make build: bench/seq2seq/measure.sh CORPORA
set -euo pipefail
corpora=$(realpath "${1:?the folder that holds the folders wikitext-2 and multi30k}")
cd "$(dirname "$0")/../.."
python=${PYTHON:-python3}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
eras=(target/release/eras --workspace "$folder")
"${eras[@]}" corpus prepare "$corpora/wikitext-2" --name wikitext-2
"${eras[@]}" corpus prepare "$corpora/multi30k" --languages de-en --tokens words --lower --min-count 2 --name captions
"${eras[@]}" corpus prepare village
trained() {
    name=$1 era=$2 corpus=$3
    shift 3
    echo "== $era, $corpus, $*"
    "${eras[@]}" train "$era" --corpus "$corpus" "$@" --out "$folder/$name"
    "${eras[@]}" evaluate "$folder/$name" --corpus "$corpus" --split test
}
for corpus in captions village; do
    for seed in 1 2 3; do
        for order in reversed forward; do
            trained "$corpus-$order-$seed" seq2seq $corpus --budget epochs=4 --seed "$seed" --set "source_order=$order"
        done
    done
done
if "$python" -c "import torch" 2>/dev/null; then
    trained minutes seq2seq/lstm-tuned wikitext-2 --preset small --budget 15m
    "$python" bench/seq2seq/pytorch_check.py "$folder/minutes" "$folder/corpora/wikitext-2/test.text"
fi
