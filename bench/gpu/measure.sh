#!/usr/bin/env bash
# Trains the 124 M-parameter preset for 200 steps on a GPU; README.md holds the record.
#   LIBTORCH=/folder/of/a/cuda/libtorch bench/gpu/measure.sh        or with LIBTORCH_USE_PYTORCH=1
# Where no GPU can be used it says so and measures nothing.
set -euo pipefail
cd "$(dirname "$0")/../.."
if ! command -v nvidia-smi >/dev/null || ! nvidia-smi >/dev/null 2>&1; then
    echo "SKIPPED: no GPU here"
    exit 0
fi
if [[ -z ${LIBTORCH:-}${LIBTORCH_USE_PYTORCH:-} ]]; then
    echo "SKIPPED: workspace/libtorch is for the CPU; set LIBTORCH to a CUDA libtorch, or LIBTORCH_USE_PYTORCH=1" >&2
    exit 0
fi
nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv
make libtorch
cargo build --release --locked -p transformer --example decoder_speed
target/release/examples/decoder_speed --preset gpt2-small --set 'compute.device="cuda"' --vocabulary 50257 --steps 200
