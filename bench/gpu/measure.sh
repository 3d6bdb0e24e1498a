#!/usr/bin/env bash
# Trains the 124 M-parameter preset for 200 steps on a GPU, by turns with PyTorch; README.md holds the record.
#   make build, then bench/gpu/measure.sh, or with PYTHON=venv/bin/python: one that has torch 2.11.0 with CUDA
# Where cargo is missing, DECODER_SPEED is the built example. Where no GPU can be used it says so and measures nothing.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-python3}
if ! lib=$("$python" -c 'import torch; assert torch.cuda.is_available() and torch.__version__.startswith("2.11.0"); print(torch.__path__[0] + "/lib")' 2>/dev/null); then
    echo "SKIPPED: no GPU that torch 2.11.0 of $python can use"
    exit 0
fi
nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv
speed=${DECODER_SPEED:-target/release/examples/decoder_speed}
if [[ -z ${DECODER_SPEED:-} ]]; then
    make libtorch
    cargo build --release --locked -q -p transformer --example decoder_speed
fi
model=(--preset gpt2-small --vocabulary 50257 --steps 200)
ours() { LD_LIBRARY_PATH=$lib "$speed" --set 'compute.device="cuda"' "${model[@]}" "$@"; }
pytorch() { "$python" bench/transformer/pytorch_speed.py --device cuda --precision bf16 "${model[@]}" "$@"; }
for round in 1 2; do
    ours
    pytorch
done
pytorch --compile
echo "== a vocabulary that GPUs like"
pytorch --vocabulary 50304
pytorch --vocabulary 50304 --compile
echo "== larger batches"
ours --set batch_size=32 --steps 60
echo "== what the processor takes to tell the GPU what to do: a step without work"
ours --vocabulary 128 --set batch_size=1 --set context_length=16
