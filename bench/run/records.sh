#!/usr/bin/env bash
# Makes records/village.json, the default run on the built-in village as `make run` does it, and records/village-7.json, the same on
# another village (seed 7: other names, facts and text), on which no setting was ever chosen.
#   make records, or after make build: bench/run/records.sh WORK
set -euo pipefail
work=$(realpath "${1:?the folder for what is made on the way}")
cd "$(dirname "$0")/../.."
eras=(target/release/eras --workspace "$work")
[[ -d $work/corpora/village ]] || "${eras[@]}" corpus prepare village >/dev/null
[[ -d $work/corpora/village-7 ]] || "${eras[@]}" corpus prepare village --set seed=7 --name village-7 >/dev/null
for corpus in village village-7; do
    run=$work/run-$corpus
    begin=$(date +%s)
    # The record may be written after the checkout has moved on.
    [[ -f $work/commit-$corpus ]] || git describe --always --dirty >"$work/commit-$corpus"
    if [[ -f $run/run.toml ]]; then
        "${eras[@]}" run --resume "$run"
    else
        "${eras[@]}" run --corpus "$corpus" --out "$run"
    fi
    # A run that was continued has no wall-clock time of its own.
    [[ -f $work/seconds-$corpus ]] || echo $(($(date +%s) - begin)) >"$work/seconds-$corpus"
    python3 bench/run/record.py "$run" $corpus "$(cat "$work/seconds-$corpus")" "$(cat "$work/commit-$corpus")"
done
