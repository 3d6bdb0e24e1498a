#!/usr/bin/env bash
# Runs the village with twenty minutes for each language model and copies the README's charts out of the report. Takes an hour
# and a half on two idle cores; if it is stopped, the same command continues.
#   make build && bench/run/twenty-minutes.sh [RUN]
set -euo pipefail
cd "$(dirname "$0")/../.."
run=${1:-workspace/runs/twenty-minutes}
entries=baselines,ngram,word2vec/cbow-lm,seq2seq/lstm-tuned,chatbot/lines-tuned,transformer/decoder-tuned,oracle
if [ -e "$run/run.toml" ]; then
    target/release/eras run --resume "$run"
else
    target/release/eras run --budget 20m --eras "$entries" --out "$run"
fi
cp "$run"/report/charts/perplexity.svg "$run"/report/charts/heat-map-phenomenon.svg docs/
