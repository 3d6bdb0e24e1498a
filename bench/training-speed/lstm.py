"""Training speed of the LSTM of the comparison in PyTorch on the CPU, in tokens per second.

    python lstm.py [--vocabulary V] [--precision f32|bf16] [--compile] [--steps N]

2 layers of 512 cells, embeddings of size 256 tied to the output layer, batch size 16, BPTT length 128, no dropout, fused AdamW:
the model of `seq2seq/examples/lstm_speed.rs`. Needs torch (recorded with 2.11.0).
"""

import argparse
import time

import torch
from torch import nn
from torch.nn import functional as F

WIDTH, CELLS, LAYERS, WINDOW, BATCH = 256, 512, 2, 128, 16


class LanguageModel(nn.Module):
    def __init__(self, vocabulary):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, WIDTH)
        self.lstm = nn.LSTM(WIDTH, CELLS, LAYERS, batch_first=True)
        self.projection = nn.Linear(CELLS, WIDTH)

    def forward(self, inputs, targets, state):
        written, state = self.lstm(self.embedding(inputs), state)
        logits = F.linear(self.projection(written), self.embedding.weight).float()
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten()), state


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--vocabulary", type=int, default=10_000)
    parser.add_argument("--precision", choices=["f32", "bf16"], default="f32")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--steps", type=int, default=30)
    options = parser.parse_args()
    torch.manual_seed(1)
    model = LanguageModel(options.vocabulary)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=0.01, fused=True)
    loss_of = torch.compile(model) if options.compile else model
    inputs, targets = torch.randint(options.vocabulary, (2, BATCH, WINDOW))
    kind = torch.bfloat16 if options.precision == "bf16" else torch.float32
    state = tuple(torch.zeros(LAYERS, BATCH, CELLS, dtype=kind) for _ in range(2))

    def step():
        nonlocal state
        with torch.autocast("cpu", torch.bfloat16, enabled=options.precision == "bf16"):
            loss, state = loss_of(inputs, targets, state)
        state = tuple(part.detach() for part in state)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()

    for _ in range(3):
        step()
    began = time.perf_counter()
    for _ in range(options.steps):
        step()
    rate = options.steps * BATCH * WINDOW / (time.perf_counter() - began)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    kind = "compiled" if options.compile else "eager"
    print(f"PyTorch {torch.__version__} {kind} {options.precision}: {rate:.0f} tokens/s, {parameters / 1e6:.1f} M parameters")


main()
