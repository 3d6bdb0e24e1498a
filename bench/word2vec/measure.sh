#!/usr/bin/env bash
# Compares the word vectors with word2vec.c and gensim on lower-cased Wikipedia; README.md holds the record. Takes about half
# an hour on an idle machine.
#   make bench, or after make build: bench/word2vec/measure.sh CORPORA
# If the other programs cannot be installed (peers.sh prints what is missing), only Eras is measured.
set -euo pipefail
corpora=$(realpath "${1:?the folder that holds the folders enwiki-2019 and wordvec-tests}")
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cargo build --release --locked -q -p word2vec --example word2vec_speed
target/release/eras --workspace "$folder" corpus prepare "$corpora/enwiki-2019" --name enwiki --tokens words --lower \
    --split none
for packed in "$corpora"/wordvec-tests/questions-words.txt*; do
    case $packed in
        *.zst) zstd -dqc "$packed" ;;
        *.gz) gzip -dc "$packed" ;;
        *) cat "$packed" ;;
    esac >"$folder/questions.txt"
done

echo "== Eras"
for seed in 1 2 3; do
    for preset in skip-gram cbow; do
        target/release/examples/word2vec_speed "$folder/corpora/enwiki" "$folder/questions.txt" --preset $preset --seed $seed
    done
done

peers=${WORD2VEC_PEERS:-$folder/peers}
[[ -d $peers ]] || bench/word2vec/peers.sh "$peers" || exit 0
python3 bench/ngram/plain_text.py "$folder/corpora/enwiki" train "$folder/enwiki.txt"
for seed in 1 2 3; do
    # The program has no option for its seed.
    sed "s/next_random = 1;/next_random = $seed;/; s/next_random = (long long)id;/next_random = id + 1000 * $seed;/" \
        "$peers/word2vec.c" >"$folder/word2vec.c"
    gcc -O3 -march=native -funroll-loops -w "$folder/word2vec.c" -o "$folder/word2vec" -pthread -lm
    for run in "0 0.025 1" "1 0.05 0"; do
        read -r cbow alpha sg <<<"$run"
        echo "== word2vec.c -cbow $cbow, seed $seed"
        python3 bench/word2vec/c_program.py "$folder/word2vec" -train "$folder/enwiki.txt" -output "$folder/c.bin" \
            -cbow "$cbow" -alpha "$alpha" -size 200 -window 5 -negative 5 -hs 0 -sample 1e-4 -min-count 5 -iter 1 \
            -threads 2 -binary 1
        target/release/eras words "$folder/c.bin" evaluate "$folder/questions.txt" | tail -n 1
        "$peers/venv/bin/python" bench/word2vec/gensim_vectors.py "$folder/enwiki.txt" "$folder/questions.txt" \
            --sg "$sg" --seed "$seed"
    done
done
