#!/usr/bin/env bash
# The chatbot and its rivals on the same replies after the same turns, and how fast it replies; README.md holds the record.
# Takes an hour and a half.
#   make bench, or after make build: bench/chatbot/measure.sh CORPORA
set -euo pipefail
corpora=$(realpath "${1:?the folder that holds the folders schema-guided-dialogue and self-dialogue}")
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
eras=(target/release/eras --workspace "$folder")
"${eras[@]}" corpus prepare village
"${eras[@]}" corpus prepare "$corpora/schema-guided-dialogue" --tokens words --name help-desk
"${eras[@]}" corpus prepare "$corpora/self-dialogue" --tokens words --vocab 20000 --name open-domain
judged() {
    name=$1 entry=$2 corpus=$3
    shift 3
    echo "== $entry, $corpus, $*"
    "${eras[@]}" train "$entry" --corpus "$corpus" "$@" --out "$folder/$name"
    "${eras[@]}" evaluate "$folder/$name" --corpus "$corpus" --conversation
}
for corpus in village help-desk open-domain; do
    for rival in ngram/kneser-ney ngram/kneser-ney-cache baselines/retrieval baselines/i-do-not-know; do
        judged "$corpus-${rival#*/}" "$rival" "$corpus"
    done
done
judged village-oracle oracle/village village
judged village-chatbot chatbot village --preset village --budget 20m
echo "== the same after the whole conversation"
"${eras[@]}" evaluate "$folder/village-chatbot" --corpus village --turns 30
judged help-desk-chatbot chatbot help-desk --preset small --budget 20m
judged open-domain-chatbot chatbot open-domain --preset small --budget 20m

echo "== a conversation of 40 turns on one core, loading included, and loading alone"
yes 'what is your work ?' | head -40 > "$folder/said"
export OMP_NUM_THREADS=1
time taskset -c 0 "${eras[@]}" chat "$folder/open-domain-chatbot" < "$folder/said" > "$folder/heard"
time taskset -c 0 "${eras[@]}" chat "$folder/open-domain-chatbot" < /dev/null
wc -w "$folder/heard"
