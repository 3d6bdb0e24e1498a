#!/usr/bin/env bash
# Makes records/village.json: what each borrowed idea is worth alone, on 400,000 training tokens of the village. An hour and a half on
# one thread; if it is interrupted, the same command continues.
#   make records, or after make build: bench/ablations/records.sh WORK
set -euo pipefail
work=$(realpath "${1:?the folder for what is made on the way}")
cd "$(dirname "$0")/../.."
eras=(target/release/eras --workspace "$work")
# The record may be written after the checkout has moved on.
[[ -f $work/commit-ablations ]] || git describe --always --dirty >"$work/commit-ablations"
budget=(--budget tokens=400k --set compute.threads=1)
[[ -d $work/corpora/village ]] || "${eras[@]}" corpus prepare village >/dev/null
files=()
for entry in seq2seq/lstm-tuned chatbot/replies-tuned transformer/decoder-tuned transformer/encoder-decoder-tuned; do
    file=$work/ablate-${entry/\//-}.json
    [[ -s $file ]] || "${eras[@]}" ablate "$entry" --corpus village "${budget[@]}" --json >"$file"
    files+=("$file")
done
python3 bench/ablations/record.py "eras ablate ENTRY --corpus village ${budget[*]}" "$(cat "$work/commit-ablations")" "${files[@]}"
