"""Perplexity of a trained seq2seq/lstm computed with PyTorch's own LSTM, with the state carried through the whole text.

    python pytorch_check.py MODEL TEXT [TOKENS]        (needs torch and numpy)

MODEL is the folder of a model of seq2seq/lstm with one layer and a tied embedding, as in the presets small and base; TEXT is the
test split of the prepared corpus, tokens separated by spaces; the first TOKENS tokens (default 60000) are scored.
"""

import json
import math
import struct
import sys

import numpy as np
import torch

folder, text, count = sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 60_000
torch.set_num_threads(1)
data = open(f"{folder}/weights.safetensors", "rb").read()
length = struct.unpack("<Q", data[:8])[0]
weights = {}
for name, about in json.loads(data[8 : 8 + length]).items():
    if name != "__metadata__":
        first, last = about["data_offsets"]
        flat = np.frombuffer(data[8 + length + first : 8 + length + last], "<f4")
        weights[name] = torch.tensor(flat.reshape(about["shape"]))
words = open(f"{folder}/vocab.txt", encoding="utf-8").read().split("\n")[: len(weights["bias"])]
ids = {word: at for at, word in enumerate(words)}
tokens = [token for line in open(text, encoding="utf-8") for token in line.split() + ["<eos>"]]
tokens = torch.tensor([ids.get(token, ids["<unk>"]) for token in tokens[:count]])
inputs = torch.cat([torch.tensor([ids["<eos>"]]), tokens[:-1]])

embedding = weights["embedding"]
lstm = torch.nn.LSTM(embedding.shape[1], weights["lstm.0.weight_hh"].shape[1], batch_first=True)
state, log_prob = None, 0.0
with torch.no_grad():
    lstm.weight_ih_l0.copy_(weights["lstm.0.weight_ih"])
    lstm.weight_hh_l0.copy_(weights["lstm.0.weight_hh"])
    lstm.bias_ih_l0.copy_(weights["lstm.0.bias"])
    lstm.bias_hh_l0.zero_()
    for start in range(0, len(tokens), 500):
        piece = slice(start, start + 500)
        written, state = lstm(embedding[inputs[None, piece]], state)
        hidden = written[0] @ weights["projection.weight"].T + weights["projection.bias"]
        log_probs = torch.log_softmax(hidden @ embedding.T + weights["bias"], -1)
        log_prob += log_probs.gather(1, tokens[piece, None]).sum().item()
print(f"PyTorch {torch.__version__}: perplexity {math.exp(-log_prob / len(tokens)):.2f} on {len(tokens)} tokens")
