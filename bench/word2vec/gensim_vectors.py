"""Trains word vectors with gensim on a text of one sentence per line and prints speed and accuracy.

    FOLDER/venv/bin/python gensim_vectors.py TEXT QUESTIONS --sg 0|1 [--threads 2] [--seed 1] [--out FILE]

peers.sh creates FOLDER. Settings are those of the C program: 200 dimensions, window 5, 5 negative samples, sample 1e-4,
minimum count 5, one epoch, alpha 0.025 (skip-gram) or 0.05 (CBOW). The speed counts in-vocabulary tokens without line ends;
seconds include training only.
"""

import argparse
import time
from pathlib import Path

from gensim.models import Word2Vec
from gensim.models.word2vec import LineSentence

RESTRICT = 30_000

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("text", type=Path, help="the text")
parser.add_argument("questions", type=Path, help="questions-words.txt")
parser.add_argument("--sg", type=int, choices=(0, 1), default=1, help="1 for skip-gram, 0 for CBOW")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--out", type=Path, help="a file for the vectors, in word2vec's binary format")
options = parser.parse_args()


model = Word2Vec(
    vector_size=200, window=5, negative=5, hs=0, sample=1e-4, min_count=5, sg=options.sg, cbow_mean=1,
    alpha=0.025 if options.sg else 0.05, workers=options.threads, seed=options.seed,
)
sentences = LineSentence(str(options.text))
model.build_vocab(sentences)
start = time.perf_counter()
model.train(sentences, total_examples=model.corpus_count, epochs=1)
seconds = time.perf_counter() - start
if options.out:
    model.wv.save_word2vec_format(options.out, binary=True)
words = int(model.wv.expandos["count"].sum())
# Correct answers, among the questions whose words are all in the most frequent ones.
share, _ = model.wv.evaluate_word_analogies(options.questions, restrict_vocab=RESTRICT)
kind = "skip-gram" if options.sg else "cbow"
print(f"gensim {kind} seed {options.seed}: train {seconds:.1f} s, "
      f"{words / seconds / options.threads:.0f} words per thread and second, accuracy {share:.4f} (restrict {RESTRICT})")
