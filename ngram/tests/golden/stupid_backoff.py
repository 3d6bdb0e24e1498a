"""Makes stupid_backoff.json: scores of NLTK's Stupid Backoff as reference values.

    pip install nltk==3.10.4
    python stupid_backoff.py > stupid_backoff.json

The text is one stream. NLTK gives a word that does not occur the score 0, Eras gives it the count 1 (a stated departure), so only
words that occur are scored. NLTK multiplies by alpha for each backoff, as the paper does. Tolerance: 1e-12, because both compute in
64-bit floats.
"""

import json
import random

import nltk
from nltk.lm.models import StupidBackoff
from nltk.util import everygrams

ORDER, ALPHA, TYPES = 4, 0.4, 7

random.seed(2007)
text, word = [], 0
for _ in range(300):
    # A random walk that is predictable enough for long n-grams to repeat.
    word = (word * 2 + 1) % TYPES if random.random() < 0.7 else random.randrange(TYPES)
    text.append(word)

# NLTK divides by the number of tokens that follow the context, the paper by the count of the context. They differ only at the very
# end of the text, so the text ends with a word that no question uses as context.
text.append(TYPES)

names = [str(word) for word in text]
model = StupidBackoff(alpha=ALPHA, order=ORDER)
model.fit([list(everygrams(names, max_len=ORDER))], vocabulary_text=names)

questions = []
for _ in range(200):
    start = random.randrange(len(text) - ORDER - 1)
    context = text[start : start + random.randrange(ORDER)]
    if random.random() < 0.3:
        context = [random.randrange(TYPES) for _ in context]
    word = random.choice(text)
    assert TYPES not in context
    score = model.unmasked_score(str(word), tuple(map(str, context)))
    questions.append({"context": context, "word": word, "score": score})

made_by = f"nltk {nltk.__version__}"
print(json.dumps({"made_by": made_by, "order": ORDER, "alpha": ALPHA, "types": TYPES + 1, "text": text,
                  "questions": questions}))
