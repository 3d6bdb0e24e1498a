#!/usr/bin/env bash
# Makes the records of whole runs; if it is interrupted, the same command continues. With nothing after CORPORA, all of them:
#   default           the default run on the built-in village, as `make run` does it: some minutes on two idle cores
#   village           the same with the tuned entries: a quarter of an hour on two idle cores
#   village-7         all entries on another village (seed 7: other names, facts and text), on which no setting was ever chosen
#   village-long      larger presets, 12 M tokens: two hours on one thread
#   wikitext-2        4 M tokens, and the first 100 pairs of each of BLiMP's 67 paradigms: two hours and a half on one thread
#   captions          Multi30k, German to English, 5 M tokens of each side: two hours on one thread
#   help-desk, open-domain     dialogues, 7 M tokens: an hour each on one thread
# The budgets of the last five count tokens, so that their results do not depend on the machine or on other work.
#   make records, or after make build: bench/run/records.sh WORK [CORPORA [NAME...]]
set -euo pipefail
work=$(realpath "${1:?the folder for what is made on the way}")
corpora=${2:+$(realpath "$2")}
names=("${@:3}")
cd "$(dirname "$0")/../.."
eras=(target/release/eras --workspace "$work")
one_thread=(--preset small --set compute.threads=1)

# NAME, then the arguments of `eras run` except --corpus and --out.
record() {
    local name=$1 corpus=$2 run=$work/run-$1 begin
    shift 2
    begin=$(date +%s)
    # The record may be written after the checkout has moved on.
    [[ -f $work/commit-$name ]] || git describe --always --dirty >"$work/commit-$name"
    if [[ -f $run/run.toml ]]; then
        "${eras[@]}" run --resume "$run"
    else
        "${eras[@]}" run --corpus "$corpus" "$@" --out "$run"
    fi
    # A run that was continued has no wall-clock time of its own.
    [[ -f $work/seconds-$name ]] || echo $(($(date +%s) - begin)) >"$work/seconds-$name"
    local command="eras run --corpus $corpus $*"
    command=${command//$work\//}
    python3 bench/run/record.py "$run" "$name" "${command% }" "$(cat "$work/seconds-$name")" "$(cat "$work/commit-$name")"
}
# Whether the record is wanted and its corpus, if it has one in CORPORA, is there.
wanted() {
    [[ ${#names[@]} == 0 || " ${names[*]} " == *" $1 "* ]] || return 1
    [[ -z ${2:-} || -d $corpora/$2 ]] && return
    echo "skipped: $1 needs $2 in CORPORA"
    return 1
}
# NAME, then the arguments of `eras corpus prepare`.
prepared() { [[ -d $work/corpora/$1 ]] || "${eras[@]}" corpus prepare "${@:2}" --name "$1" >/dev/null; }

prepared village village
if wanted default; then
    record default village
fi
if wanted village; then
    record village village --eras all
    cp "$work"/run-village/report/charts/{perplexity,heat-map-phenomenon}.svg docs/
fi
if wanted village-7; then
    prepared village-7 village --seed 7
    record village-7 village-7 --eras all
fi
if wanted village-long; then
    record village-long village --budget tokens=12M --preset village --set compute.threads=1 \
        --eras ngram,seq2seq/lstm,seq2seq/lstm-tuned,chatbot/lines-tuned,transformer/decoder,transformer/decoder-tuned,oracle/village
fi
if wanted wikitext-2 wikitext-2; then
    prepared wikitext-2 "$corpora/wikitext-2"
    pairs=$work/blimp-100
    [[ -d $pairs ]] || python3 bench/run/first_pairs.py "$corpora/blimp" "$pairs" 100
    record wikitext-2 wikitext-2 --budget tokens=4M "${one_thread[@]}" --minimal-pairs "$pairs" \
        --eras baselines,ngram,word2vec/cbow-lm,seq2seq/lstm,seq2seq/lstm-tuned,chatbot/lines-tuned,transformer/decoder,transformer/decoder-tuned
fi
if wanted captions multi30k; then
    prepared captions "$corpora/multi30k" --languages de-en --tokens bpe:8000 --lower
    record captions captions --budget tokens=5M "${one_thread[@]}" \
        --eras baselines/copy,baselines/word-by-word,seq2seq/reversed,seq2seq/attention,transformer/encoder-decoder,transformer/encoder-decoder-tuned
fi
dialogues=baselines/i-do-not-know,baselines/retrieval,ngram/kneser-ney,ngram/kneser-ney-cache,chatbot/replies,chatbot/replies-tuned
if wanted help-desk schema-guided-dialogue; then
    prepared help-desk "$corpora/schema-guided-dialogue" --tokens words
    record help-desk help-desk --budget tokens=7M "${one_thread[@]}" --eras $dialogues
fi
if wanted open-domain self-dialogue; then
    prepared open-domain "$corpora/self-dialogue" --tokens words --vocab 20000
    record open-domain open-domain --budget tokens=7M "${one_thread[@]}" --eras $dialogues
fi
