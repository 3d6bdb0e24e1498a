#!/usr/bin/env bash
# Times `eras run` on WikiText-2 (baselines and ngram, preparation and report included) three times, and checks that the same
# seed gives the same results.
#   make bench, or after make build: bench/run/measure.sh CORPORA
set -euo pipefail
source=$(realpath "${1:?the folder that holds the folder wikitext-2}")/wikitext-2
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for round in 1 2 3; do
    begin=$(date +%s.%N)
    target/release/eras --workspace "$folder/$round" run --corpus "$source" --eras baselines,ngram \
        --out "$folder/run-$round" >"$folder/output"
    end=$(date +%s.%N)
    echo "round $round: $(echo "$end - $begin" | bc) s"
done
cat "$folder/output"
cmp "$folder/run-1/results.csv" "$folder/run-2/results.csv"
cmp "$folder/run-1/results.csv" "$folder/run-3/results.csv"
echo "results.csv: the same bytes three times"
