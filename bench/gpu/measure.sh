#!/usr/bin/env bash
# Trains the 124 M-parameter preset for 200 steps on a GPU, alternating with PyTorch; README.md holds the record.
#   make build, then bench/gpu/measure.sh; PYTHON names a Python that has torch 2.11.0 with CUDA
# Without cargo, set DECODER_SPEED to the built example. Without a usable GPU it prints SKIPPED and measures nothing.
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
pytorch() { "$python" bench/training-speed/decoder.py --device cuda --precision bf16 "${model[@]}" "$@"; }
for round in 1 2; do
    ours
    pytorch
done
pytorch --compile
echo "== a vocabulary aligned to 64 words"
pytorch --vocabulary 50304
pytorch --vocabulary 50304 --compile
echo "== larger batches"
ours --set batch_size=32 --steps 60
echo "== CPU time to launch a step: next to no work on the GPU"
ours --vocabulary 128 --set batch_size=1 --set context_length=16
