#!/usr/bin/env bash
# Megabytes of text per second of `corpus::prepare`, five runs each; README.md holds the record.
#   make bench, or: bench/corpus/measure.sh CORPORA
set -euo pipefail
source=$(realpath "${1:?the folder that holds the folder enwiki-2019}")/enwiki-2019
cd "$(dirname "$0")/../.."
cargo build --release --locked -q -p corpus --example prepare_speed
for round in 1 2 3 4 5; do
    target/release/examples/prepare_speed "$source" whitespace 1
    target/release/examples/prepare_speed "$source" words lower 1
done
