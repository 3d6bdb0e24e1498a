#!/usr/bin/env bash
# Measures memory of a training step and the KV cache of the decoder; README.md holds the record. Takes a minute.
#   make bench, or after make build: bench/transformer/measure.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build --release --locked -q -p transformer --examples

echo "== memory of a step with 50,000 words"
target/release/examples/decoder_speed --vocabulary 50000 --steps 6

echo "== generation with and without the KV cache"
target/release/examples/generation_speed
