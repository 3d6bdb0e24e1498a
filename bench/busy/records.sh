#!/usr/bin/env bash
# Makes records/waiting.json: the seconds of training alone and beside two other busy processes, by the way in which threads wait for each
# other. Ten minutes on two cores, which nothing else may use.
#   make records, or after make build: bench/busy/records.sh WORK
set -euo pipefail
work=$(realpath "${1:?the folder for what is made on the way}")/busy
cd "$(dirname "$0")/../.."
mkdir -p "$work"
busy=()
trap '[[ ${#busy[@]} == 0 ]] || kill "${busy[@]}" 2>/dev/null || true' EXIT
eras=(target/release/eras --workspace "$work")
[[ -d $work/corpora/village ]] || "${eras[@]}" corpus prepare village >/dev/null
: >"$work/seconds"

# WAITING ENTRY LABEL: seconds of training, as the program counts them.
train() {
    rm -rf "$work/model"
    env $1 "${eras[@]}" train "$2" --corpus village --budget tokens=40k --out "$work/model" >/dev/null 2>&1
    printf '%s\t%s\t%s\t%s\n' "${1:-as the program does}" "$2" "$3" \
        "$(sed -n 's/^seconds = //p' "$work/model/model.toml" | head -n 1)" | tee -a "$work/seconds"
}
# "GOMP_SPINCOUNT=300000" is libgomp's own default on a machine with as many cores as threads.
ways=("" GOMP_SPINCOUNT=300000 GOMP_SPINCOUNT=5000 OMP_NUM_THREADS=1)
for entry in transformer/decoder seq2seq/lstm; do
    for turn in 1 2 3; do
        for way in "${ways[@]}"; do
            train "$way" $entry alone
            for _ in 1 2; do
                (while :; do :; done) &
                busy+=($!)
            done
            train "$way" $entry busy
            kill "${busy[@]}"
            wait "${busy[@]}" 2>/dev/null || true
            busy=()
        done
    done
done
python3 bench/busy/record.py "$work/seconds"
