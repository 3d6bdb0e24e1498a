"""Training speed of a decoder in PyTorch, in tokens per second.

    python decoder.py [--preset medium|gpt2-small] [--device cpu|cuda] [--vocabulary V] [--precision f32|bf16]
                      [--compile] [--steps N]

Tied embeddings, no dropout, fused AdamW: the models of `transformer/examples/decoder_speed.rs` with the same presets. Needs
torch (recorded with 2.11.0).
"""

import argparse
import time
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F


@dataclass
class Shape:
    width: int
    layers: int
    heads: int
    context: int
    batch: int


SHAPES = {"medium": Shape(256, 4, 4, 128, 16), "gpt2-small": Shape(768, 12, 12, 1024, 8)}


class Layer(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.LayerNorm(width)
        self.projections = nn.Linear(width, 3 * width)
        self.joined = nn.Linear(width, width)
        self.feed_forward_norm = nn.LayerNorm(width)
        self.feed_forward = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        split = self.projections(self.attention_norm(x)).unflatten(-1, (3, self.heads, -1))
        queries, keys, values = split.permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(queries, keys, values, is_causal=True)
        x = x + self.joined(seen.transpose(1, 2).flatten(2))
        return x + self.feed_forward(self.feed_forward_norm(x))


class Decoder(nn.Module):
    def __init__(self, vocabulary, shape):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, shape.width)
        self.positions = nn.Embedding(shape.context, shape.width)
        self.layers = nn.Sequential(*(Layer(shape.width, shape.heads) for _ in range(shape.layers)))
        self.norm = nn.LayerNorm(shape.width)

    def forward(self, inputs, targets):
        hidden = self.norm(self.layers(self.embedding(inputs) + self.positions.weight))
        logits = F.linear(hidden, self.embedding.weight).float()
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--preset", choices=SHAPES, default="medium")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--vocabulary", type=int, default=10_000)
    parser.add_argument("--precision", choices=["f32", "bf16"], default="f32")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--steps", type=int, default=30)
    options = parser.parse_args()
    torch.manual_seed(1)
    shape = SHAPES[options.preset]
    model = Decoder(options.vocabulary, shape).to(options.device)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.95), weight_decay=0.1, fused=True)
    loss_of = torch.compile(model) if options.compile else model
    inputs, targets = torch.randint(options.vocabulary, (2, shape.batch, shape.context), device=options.device)

    def step():
        with torch.autocast(options.device, torch.bfloat16, enabled=options.precision == "bf16"):
            loss = loss_of(inputs, targets)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()

    def finish():
        if options.device == "cuda":
            torch.cuda.synchronize()

    for _ in range(3):
        step()
    finish()
    began = time.perf_counter()
    for _ in range(options.steps):
        step()
    finish()
    rate = options.steps * shape.batch * shape.context / (time.perf_counter() - began)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    kind = "compiled" if options.compile else "eager"
    print(f"PyTorch {torch.__version__} {kind} {options.precision}: {rate:.0f} tokens/s, {parameters / 1e6:.1f} M parameters")


main()
