"""Learnability of the village by small networks in minutes: a decoder-only Transformer and an LSTM.

Needs Python with torch and numpy:  python bench/village/learnability.py FOLDER transformer|lstm SECONDS [THREADS]
FOLDER is the prepared corpus, for instance workspace/corpora/village. Prints the mean -ln p (nats) of each phenomenon on
the validation split after every half million training tokens; `eras corpus show village` has the floor of each.
"""

import math
import sys
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

WIDTH, LAYERS, HEADS, WINDOW, SEED = 128, 2, 4, 128, 1
PEAK_RATE, WARM_UP, CLIP, REPORT = 1.5e-3, 200, 1.0, 500_000

folder, kind, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
torch.set_num_threads(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
torch.manual_seed(SEED)


def tokens(split):
    return torch.tensor(np.fromfile(f"{folder}/{split}.tokens", "<u2").astype(np.int64))


train, valid = tokens("train"), tokens("valid")
tags = torch.tensor(np.fromfile(f"{folder}/valid.tags", np.uint8).astype(np.int64))
vocab = len(open(f"{folder}/vocab.txt").read().splitlines())
names = ["local", "class", "world", "agreement", "state", "repeat", "recall", "reply", "sum", "free"]


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x):
        batch, time_, _ = x.shape
        parts = self.qkv(self.norm1(x)).chunk(3, -1)
        q, k, v = (part.view(batch, time_, HEADS, -1).transpose(1, 2) for part in parts)
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(attended.transpose(1, 2).reshape(batch, time_, WIDTH))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class Transformer(nn.Module):
    """Pre-norm, learned positions, output layer tied to the embedding."""

    batch, carries_state = 4, False

    def __init__(self):
        super().__init__()
        self.embed, self.place = nn.Embedding(vocab, WIDTH), nn.Embedding(WINDOW, WIDTH)
        self.blocks = nn.Sequential(*[Block() for _ in range(LAYERS)])
        self.norm = nn.LayerNorm(WIDTH)
        nn.init.normal_(self.embed.weight, std=0.15)
        nn.init.normal_(self.place.weight, std=0.15)

    def forward(self, x, _state):
        x = self.blocks(self.embed(x) + self.place(torch.arange(x.shape[1])))
        return F.linear(self.norm(x), self.embed.weight), None


class Lstm(nn.Module):
    """16 streams in windows of 64, with a carried state."""

    batch, carries_state = 16, True

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(vocab, WIDTH)
        self.lstm = nn.LSTM(WIDTH, 192, LAYERS, batch_first=True)
        self.out = nn.Linear(192, WIDTH)
        nn.init.normal_(self.embed.weight, std=0.15)

    def forward(self, x, state):
        x, state = self.lstm(self.embed(x), state)
        return F.linear(self.out(x), self.embed.weight), state


model = Transformer() if kind == "transformer" else Lstm()
optimiser = torch.optim.AdamW(model.parameters(), lr=PEAK_RATE, weight_decay=0.01)


def losses(logits, targets):
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")


@torch.no_grad()
def evaluate():
    """Scores each token once: the Transformer with at least half a window of context, the LSTM with the whole history."""
    model.eval()
    loss, step, state = torch.zeros(len(valid)), WINDOW // 2, None
    for start in range(0, len(valid) - 1, step):
        begin = start if model.carries_state else max(0, start - step)
        piece = valid[None, begin : start + step + 1]
        logits, state = model(piece[:, :-1], state)
        end = begin + piece.shape[1]
        loss[start + 1 : end] = losses(logits, piece[:, 1:])[start - begin :]
    model.train()
    means = [f"{name} {loss[1:][tags[1:] == tag].mean():.2f}" for tag, name in enumerate(names)]
    return f"all {loss[1:].mean():.3f}  " + "  ".join(means)


def batches():
    """Windows at random positions, or the next window of each stream."""
    if not model.carries_state:
        while True:
            starts = torch.randint(0, len(train) - WINDOW - 1, (model.batch,))
            yield torch.stack([train[at : at + WINDOW + 1] for at in starts])
    length = len(train) // model.batch
    streams = train[: length * model.batch].view(model.batch, length)
    while True:
        for at in range(0, length - 65, 64):
            yield streams[:, at : at + 65]


spent, seen, step, state, report = 0.0, 0, 0, None, REPORT
for batch in batches():
    began = time.time()
    share = 0.1 + 0.45 * (1 + math.cos(math.pi * spent / seconds))
    for group in optimiser.param_groups:
        group["lr"] = PEAK_RATE * share * min(1.0, (step + 1) / WARM_UP)
    logits, state = model(batch[:, :-1], state)
    state = state and tuple(part.detach() for part in state)
    optimiser.zero_grad()
    losses(logits, batch[:, 1:]).mean().backward()
    nn.utils.clip_grad_norm_(model.parameters(), CLIP)
    optimiser.step()
    seen, step, spent = seen + batch[:, 1:].numel(), step + 1, spent + time.time() - began
    if seen >= report or spent >= seconds:
        report += REPORT
        print(f"{kind} {spent:4.0f} s {seen / 1e6:.2f} M tokens  {evaluate()}", flush=True)
    if spent >= seconds:
        break
