#!/usr/bin/env bash
# Compares the chatbot with baselines on the same replies in the same contexts and times its replies; README.md holds the record.
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
evaluated() {
    name=$1 entry=$2 corpus=$3
    shift 3
    echo "== $entry, $corpus, $*"
    "${eras[@]}" train "$entry" --corpus "$corpus" "$@" --out "$folder/$name"
    "${eras[@]}" evaluate "$folder/$name" --corpus "$corpus" --conversation --split test
}
for corpus in village help-desk open-domain; do
    for baseline in ngram/kneser-ney ngram/kneser-ney-cache baselines/retrieval baselines/i-do-not-know; do
        evaluated "$corpus-${baseline#*/}" "$baseline" "$corpus"
    done
done
evaluated village-oracle oracle/village village
evaluated village-chatbot chatbot/replies-tuned village --preset village --budget 20m
echo "== the same with the whole dialogue as context"
"${eras[@]}" evaluate "$folder/village-chatbot" --corpus village --turns 30 --split test
evaluated help-desk-chatbot chatbot/replies-tuned help-desk --preset small --budget 20m
evaluated open-domain-chatbot chatbot/replies-tuned open-domain --preset small --budget 20m

echo "== a dialogue of 40 turns on one core, loading included, and loading alone"
yes 'what is your work ?' | head -40 > "$folder/questions"
export OMP_NUM_THREADS=1
time taskset -c 0 "${eras[@]}" chat "$folder/open-domain-chatbot" < "$folder/questions" > "$folder/replies"
time taskset -c 0 "${eras[@]}" chat "$folder/open-domain-chatbot" < /dev/null
wc -w "$folder/replies"
