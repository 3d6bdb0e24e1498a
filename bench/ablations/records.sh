#!/usr/bin/env bash
# Makes records/village.json: what each borrowed idea is worth alone, on the village. Two hours on two cores; if it is
# interrupted, the same command continues.
#   make records, or after make build: bench/ablations/records.sh WORK
set -euo pipefail
work=$(realpath "${1:?the folder for what is made on the way}")
cd "$(dirname "$0")/../.."
eras=(target/release/eras --workspace "$work")
[[ -d $work/corpora/village ]] || "${eras[@]}" corpus prepare village
files=()
for era in seq2seq chatbot transformer; do
    "${eras[@]}" ablate "$era" --json >"$work/ablate-$era.json"
    files+=("$work/ablate-$era.json")
done
python3 bench/ablations/record.py "eras ablate seq2seq; eras ablate chatbot; eras ablate transformer" "${files[@]}"
