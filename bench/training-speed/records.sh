#!/usr/bin/env bash
# Makes records/pytorch.json: training speed of the LSTM, the decoder and the translator, and of the same models in PyTorch, eager and
# compiled, five turns each, in bf16 if the processor has it, else in f32. A quarter of an hour on two cores, which nothing else may use.
#   make records, or after make build: bench/training-speed/records.sh WORK
# PYTHON (default python3) needs torch of libtorch's version and a C++ compiler; else no record is made.
set -euo pipefail
work=$(realpath "${1:?the folder for what is made on the way}")
cd "$(dirname "$0")/../.."
python=${PYTHON:-python3}
version=$(sed -n 's/^VERSION = "\(.*\)"/\1/p' scripts/libtorch.py)
[[ $("$python" -c 'import torch; print(torch.__version__.split("+")[0])' 2>/dev/null) == "$version" ]] ||
    { echo "skipped: $python has no torch $version; name one that has: PYTHON=venv/bin/python"; exit 0; }
cargo build --release --locked -q -p seq2seq -p transformer --examples
precision=f32
! grep -qm1 -e avx512_bf16 -e amx_bf16 /proc/cpuinfo || precision=bf16
folder=$work/training-speed
mkdir -p "$folder"
# What Eras sets by mallopt: freed memory stays with the process.
peer() { MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=2147483647 "$python" "bench/training-speed/$1.py" "${@:2}"; }
for model in lstm decoder translator; do
    for turn in 1 2 3 4 5; do
        for program in eras eager compiled; do
            out=$folder/$model-$precision-$program-$turn
            [[ ! -s $out ]] || continue
            case $program in
                eras) "target/release/examples/${model}_speed" --steps 33 --set "compute.precision=\"$precision\"" ;;
                eager) peer $model --precision "$precision" ;;
                compiled) peer $model --precision "$precision" --compile ;;
            esac | tee "$out.tmp"
            mv "$out.tmp" "$out"
        done
    done
done
"$python" bench/training-speed/record.py "$folder" "$version"
