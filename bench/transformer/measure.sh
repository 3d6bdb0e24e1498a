#!/usr/bin/env bash
# The decoder beside the same model in PyTorch, its cache, its memory, and what it learns in given times; README.md holds
# the record. Takes two hours; `measure.sh CORPORA speed` leaves out the trainings and takes minutes.
#   make bench, or after make build: bench/transformer/measure.sh CORPORA
# PyTorch is measured where PYTHON (default python3) has torch.
set -euo pipefail
corpora=$(realpath "${1:?the folder that holds the folder wikitext-2}")
part=${2:-all}
cd "$(dirname "$0")/../.."
python=${PYTHON:-python3}
cargo build --release --locked -q -p transformer --examples
speed=target/release/examples/decoder_speed

echo "== training speed, by turns"
has_torch=0
"$python" -c "import torch" 2>/dev/null && has_torch=1
precisions=(f32)
if grep -qm1 -e avx512_bf16 -e amx_bf16 /proc/cpuinfo; then
    precisions+=(bf16)
else
    echo "(no bf16: this processor does not multiply such numbers)"
fi
for precision in "${precisions[@]}"; do
    for round in 1 2 3; do
        $speed --set "compute.precision=\"$precision\""
        [[ $has_torch == 0 ]] || "$python" bench/transformer/pytorch_speed.py --precision "$precision"
    done
    [[ $has_torch == 0 ]] || "$python" bench/transformer/pytorch_speed.py --precision "$precision" --compile
done

echo "== memory of a step at 50,000 words"
$speed --vocabulary 50000 --steps 6

echo "== cache"
target/release/examples/generation_speed

[[ $part == all ]] || exit 0
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
eras=(target/release/eras --workspace "$folder")
"${eras[@]}" corpus prepare "$corpora/wikitext-2" --name wikitext-2
"${eras[@]}" corpus prepare village
trained() {
    name=$1 corpus=$2
    shift 2
    echo "== $corpus, $*"
    "${eras[@]}" train transformer --corpus "$corpus" "$@" --out "$folder/$name"
    "${eras[@]}" evaluate "$folder/$name" --corpus "$corpus"
}
trained minutes wikitext-2 --preset quarter-hour --budget 15m
trained hour wikitext-2 --preset hour --budget 1h
trained short village --budget 90s
trained long village --preset twenty-minutes --budget 20m
"${eras[@]}" run --corpus village --eras ngram,oracle --out "$folder/run"
