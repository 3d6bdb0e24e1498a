#!/usr/bin/env bash
# Times the chatbot's replies on one core; README.md holds the record. Takes two minutes.
#   make bench, or after make build: bench/chatbot/measure.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
eras=(target/release/eras --workspace "$folder")
"${eras[@]}" corpus prepare village
"${eras[@]}" train chatbot/replies-tuned --corpus village --out "$folder/model"
yes 'what is your work ?' | head -40 > "$folder/questions"
export OMP_NUM_THREADS=1
echo "== a dialogue of 40 turns on one core, loading included, and loading alone"
time taskset -c 0 "${eras[@]}" chat "$folder/model" < "$folder/questions" > "$folder/replies"
time taskset -c 0 "${eras[@]}" chat "$folder/model" < /dev/null
wc -w "$folder/replies"
