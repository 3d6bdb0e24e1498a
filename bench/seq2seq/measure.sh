#!/usr/bin/env bash
# Compares the LSTM with the same model in PyTorch and trains it with time budgets; README.md holds the record. Takes three
# hours; `measure.sh CORPORA speed` skips the training runs and takes minutes.
#   make bench, or after make build: bench/seq2seq/measure.sh CORPORA
# PyTorch is measured where PYTHON (default python3) has torch.
set -euo pipefail
corpora=$(realpath "${1:?the folder that holds the folders wikitext-2 and multi30k}")
part=${2:-all}
cd "$(dirname "$0")/../.."
python=${PYTHON:-python3}
cargo build --release --locked -q -p seq2seq --examples
speed=target/release/examples/lstm_speed

echo "== training speed, alternating"
has_torch=0
"$python" -c "import torch" 2>/dev/null && has_torch=1
precisions=(f32)
if grep -qm1 -e avx512_bf16 -e amx_bf16 /proc/cpuinfo; then
    precisions+=(bf16)
else
    echo "(no bf16: this processor has no bf16 dot products)"
fi
for precision in "${precisions[@]}"; do
    for round in 1 2 3; do
        $speed --set "compute.precision=\"$precision\""
        [[ $has_torch == 0 ]] || "$python" bench/seq2seq/pytorch_speed.py --precision "$precision"
    done
    [[ $has_torch == 0 ]] || "$python" bench/seq2seq/pytorch_speed.py --precision "$precision" --compile
done

[[ $part == all ]] || exit 0
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
trained minutes seq2seq/lstm-tuned wikitext-2 --preset small --budget 15m
[[ $has_torch == 0 ]] ||
    "$python" bench/seq2seq/pytorch_check.py "$folder/minutes" "$folder/corpora/wikitext-2/test.text"
trained hour seq2seq/lstm-tuned wikitext-2 --preset base --budget 1h
trained captions seq2seq/reversed-tuned captions --preset small --budget 30m
trained attention seq2seq/attention captions --preset small --set hidden_size=400 --set dropout=0.4 --budget 28m
trained pairs seq2seq village --budget 12m
for seed in 1 2 3; do
    for order in reversed forward; do
        trained "$order-$seed" seq2seq captions --budget epochs=4 --seed "$seed" --set "source_order=$order"
    done
done
"${eras[@]}" run --corpus village --eras baselines/copy,baselines/word-by-word,oracle/translator --out "$folder/run"
