#!/usr/bin/env bash
# Times training alone and beside two other busy processes, by turns, and with the ways in which threads can wait for each other;
# README.md holds the record. Takes a quarter of an hour on two idle cores.
#   make bench, or after make build: bench/busy/measure.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'kill "${busy[@]}" 2>/dev/null || true; rm -rf "$folder"' EXIT
busy=()
eras=(target/release/eras --workspace "$folder")
"${eras[@]}" corpus prepare village >/dev/null

# WAITING ENTRY LABEL: seconds of training, as the program counts them.
train() {
    rm -rf "$folder/model"
    env $1 "${eras[@]}" train "$2" --corpus village --budget tokens=40k --out "$folder/model" >/dev/null 2>&1
    printf '%-28s %-18s %-8s %s s\n' "${1:-as the program does}" "$2" "$3" \
        "$(sed -n 's/^seconds = //p' "$folder/model/model.toml" | head -n 1)"
}
# "GOMP_SPINCOUNT=300000" is libgomp's own default on a machine with as many cores as threads.
ways=("" GOMP_SPINCOUNT=300000 GOMP_SPINCOUNT=100000 GOMP_SPINCOUNT=5000 OMP_WAIT_POLICY=passive OMP_NUM_THREADS=1)
for entry in transformer/decoder-tuned seq2seq/lstm-tuned; do
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
