"""Training speed of torch.nn.Transformer on the CPU, in target tokens per second.

    python translator.py [--precision f32|bf16] [--compile] [--steps N]

d_model 256, 3 encoder and 3 decoder layers, 4 heads, d_ff 1,024, one embedding of 10,000 words shared by source, target and output,
80 pairs of 24 tokens plus end tokens, no dropout, label smoothing 0.1, fused Adam: the model of
`transformer/examples/translator_speed.rs`. Needs torch (recorded with 2.11.0).
"""

import argparse
import math
import time

import torch
from torch import nn
from torch.nn import functional as F

WORDS, WIDTH, LAYERS, HEADS, ROWS, TIME = 10_000, 256, 3, 4, 80, 25


class Translator(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(WORDS, WIDTH)
        nn.init.normal_(self.embedding.weight, 0.0, WIDTH**-0.5)
        self.layers = nn.Transformer(WIDTH, HEADS, LAYERS, LAYERS, 4 * WIDTH, 0.0, batch_first=True)
        places, pairs = torch.arange(TIME)[:, None], torch.arange(WIDTH // 2)
        angles = places / 10000 ** (2 * pairs / WIDTH)
        self.register_buffer("waves", torch.stack([angles.sin(), angles.cos()], -1).view(TIME, WIDTH))
        self.register_buffer("mask", nn.Transformer.generate_square_subsequent_mask(TIME))

    def embed(self, tokens):
        return self.embedding(tokens) * math.sqrt(WIDTH) + self.waves

    def forward(self, sources, inputs, targets):
        hidden = self.layers(self.embed(sources), self.embed(inputs), tgt_mask=self.mask, tgt_is_causal=True)
        logits = F.linear(hidden, self.embedding.weight).float()
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), label_smoothing=0.1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--precision", choices=["f32", "bf16"], default="f32")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--steps", type=int, default=30)
    options = parser.parse_args()
    torch.manual_seed(1)
    model = Translator()
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3, betas=(0.9, 0.98), eps=1e-9, fused=True)
    loss_of = torch.compile(model) if options.compile else model
    batch = torch.randint(WORDS, (3, ROWS, TIME))

    def step():
        with torch.autocast("cpu", torch.bfloat16, enabled=options.precision == "bf16"):
            loss = loss_of(*batch)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()

    for _ in range(3):
        step()
    began = time.perf_counter()
    for _ in range(options.steps):
        step()
    rate = options.steps * ROWS * TIME / (time.perf_counter() - began)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    kind = "compiled" if options.compile else "eager"
    print(f"PyTorch {torch.__version__} {kind} {options.precision}: {rate:.0f} tokens/s, {parameters / 1e6:.1f} M parameters")


main()
