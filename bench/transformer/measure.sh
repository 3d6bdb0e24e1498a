#!/usr/bin/env bash
# Compares the decoder and the translator with the same models in PyTorch, measures cache and memory, and trains with time
# budgets; README.md holds the record. Takes four hours; `measure.sh CORPORA speed` skips the training runs and takes minutes.
#   make bench, or after make build: bench/transformer/measure.sh CORPORA
# PyTorch is measured where PYTHON (default python3) has torch.
set -euo pipefail
corpora=$(realpath "${1:?the folder that holds the folders wikitext-2 and multi30k}")
part=${2:-all}
cd "$(dirname "$0")/../.."
python=${PYTHON:-python3}
cargo build --release --locked -q -p transformer --examples
speed=target/release/examples/decoder_speed

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
        [[ $has_torch == 0 ]] || "$python" bench/transformer/pytorch_speed.py --precision "$precision"
    done
    [[ $has_torch == 0 ]] || "$python" bench/transformer/pytorch_speed.py --precision "$precision" --compile
done

echo "== training speed of the translator, alternating"
for precision in "${precisions[@]}"; do
    for round in 1 2 3; do
        target/release/examples/translator_speed --set "compute.precision=\"$precision\""
        [[ $has_torch == 0 ]] || "$python" bench/transformer/pytorch_translator_speed.py --precision "$precision"
    done
    [[ $has_torch == 0 ]] || "$python" bench/transformer/pytorch_translator_speed.py --precision "$precision" --compile
done

echo "== memory of a step with 50,000 words"
$speed --vocabulary 50000 --steps 6

echo "== generation with and without the KV cache"
target/release/examples/generation_speed

[[ $part == all ]] || exit 0
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
eras=(target/release/eras --workspace "$folder")
"${eras[@]}" corpus prepare "$corpora/wikitext-2" --name wikitext-2
"${eras[@]}" corpus prepare village
for pair in de-en en-de; do
    "${eras[@]}" corpus prepare "$corpora/multi30k" --languages $pair --tokens bpe:8000 --lower --name captions-$pair
done
trained() {
    name=$1 era=$2 corpus=$3
    shift 3
    echo "== $era, $corpus, $*"
    "${eras[@]}" train "$era" --corpus "$corpus" "$@" --out "$folder/$name"
    "${eras[@]}" evaluate "$folder/$name" --corpus "$corpus" --split test
}
trained minutes transformer/decoder-tuned wikitext-2 --preset small --budget 15m
trained hour transformer/decoder-tuned wikitext-2 --preset base --budget 1h
trained short transformer village --budget 90s
trained long transformer/decoder-tuned village --preset village --budget 20m
"${eras[@]}" run --corpus village --eras ngram,oracle --out "$folder/run"
for pair in de-en en-de; do
    trained captions-$pair transformer/encoder-decoder-tuned captions-$pair --preset small --budget 30m
done
trained pairs transformer/encoder-decoder-tuned village --preset small --set dropout=0.1 --budget 18m
"${eras[@]}" corpus prepare "$corpora/multi30k" --languages de-en --tokens words --lower --min-count 2 --name words
trained passes-4 transformer/encoder-decoder-tuned words --preset small --set training.warmup_steps=250 --budget epochs=4
trained passes-8 transformer/encoder-decoder-tuned words --preset small --set training.warmup_steps=400 --budget epochs=8
echo "== time for 1,000 translations"
gunzip -c "$corpora/multi30k/test_2016_flickr.de.gz" | tr '[:upper:]' '[:lower:]' > "$folder/sources"
time "${eras[@]}" translate "$folder/captions-de-en" < "$folder/sources" > "$folder/translated"
