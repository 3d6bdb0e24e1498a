#!/usr/bin/env bash
# Measures the village's speed and exactness and the distance of n-grams from its floor; README.md holds the record.
#   make bench, or after make build: bench/village/measure.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cargo build --release --locked -q -p village --example floor
target/release/examples/floor
target/release/eras --workspace "$folder" run --out "$folder/run" >"$folder/output"
cat "$folder/output"
grep -E '^entry|,phenomenon,' "$folder/run/breakdowns.csv" | grep -E '^entry|^ngram'
