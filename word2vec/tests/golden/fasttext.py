"""Makes fasttext.bin and fasttext.json: a model in fastText's binary format, written by gensim, and vectors that gensim reads from it.

    pip install gensim==4.4.0
    python fasttext.py

Tolerance: 1e-6, because gensim adds up n-grams in f32 in another order.
"""

import json
from pathlib import Path

from gensim.models.fasttext import FastText, load_facebook_vectors, save_facebook_model

HERE = Path(__file__).parent

sentences = [line.split() for line in """the cat sat on the mat
the cats sit on mats
ein Kätzchen saß auf der Matte
кошка сидела на ковре
猫 が マット に 座った
a b c the cat""".split("\n")]
model = FastText(sentences, vector_size=4, min_count=1, bucket=37, min_n=2, max_n=5, epochs=5, seed=2017, workers=1)
save_facebook_model(model, str(HERE / "fasttext.bin"))
vectors = load_facebook_vectors(str(HERE / "fasttext.bin"))
unknown = ["catty", "Kätzchens", "кошки", "猫が", "x", "🐈", "naïve"]
golden = {
    "known": [[word, [float(value) for value in vectors.get_vector(word)]] for word in vectors.index_to_key],
    "unknown": [[word, [float(value) for value in vectors.get_vector(word)]] for word in unknown],
    "similar": [[word, vectors.most_similar(word, topn=5)] for word in ["cat", *unknown]],
}
(HERE / "fasttext.json").write_text(json.dumps(golden, indent=None, ensure_ascii=False) + "\n")
