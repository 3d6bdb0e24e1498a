"""Training speed of the comparison's decoder in PyTorch on the CPU, in tokens per second.

    python pytorch_speed.py [--vocabulary V] [--precision f32|bf16] [--compile] [--steps N]

256 wide, 4 layers, 4 heads, 128 positions, batch 16, tied embeddings, no dropout, fused AdamW: the model of
`transformer/examples/decoder_speed.rs`. Needs torch (recorded with 2.11.0).
"""

import argparse
import time

import torch
from torch import nn
from torch.nn import functional as F

WIDTH, LAYERS, HEADS, CONTEXT, BATCH = 256, 4, 4, 128, 16


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention_norm = nn.LayerNorm(WIDTH)
        self.projections = nn.Linear(WIDTH, 3 * WIDTH)
        self.joined = nn.Linear(WIDTH, WIDTH)
        self.feed_forward_norm = nn.LayerNorm(WIDTH)
        self.feed_forward = nn.Sequential(nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH))

    def forward(self, x):
        split = self.projections(self.attention_norm(x)).unflatten(-1, (3, HEADS, -1))
        queries, keys, values = split.permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(queries, keys, values, is_causal=True)
        x = x + self.joined(seen.transpose(1, 2).flatten(2))
        return x + self.feed_forward(self.feed_forward_norm(x))


class Decoder(nn.Module):
    def __init__(self, vocabulary):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, WIDTH)
        self.positions = nn.Embedding(CONTEXT, WIDTH)
        self.layers = nn.Sequential(*(Layer() for _ in range(LAYERS)))
        self.norm = nn.LayerNorm(WIDTH)

    def forward(self, inputs, targets):
        hidden = self.norm(self.layers(self.embedding(inputs) + self.positions.weight))
        logits = F.linear(hidden, self.embedding.weight).float()
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--vocabulary", type=int, default=10_000)
    parser.add_argument("--precision", choices=["f32", "bf16"], default="f32")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--steps", type=int, default=13)
    options = parser.parse_args()
    torch.manual_seed(1)
    model = Decoder(options.vocabulary)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.95), weight_decay=0.1, fused=True)
    loss_of = torch.compile(model) if options.compile else model
    inputs, targets = torch.randint(options.vocabulary, (2, BATCH, CONTEXT))

    def step():
        with torch.autocast("cpu", torch.bfloat16, enabled=options.precision == "bf16"):
            loss = loss_of(inputs, targets)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()

    for _ in range(3):
        step()
    began = time.perf_counter()
    for _ in range(options.steps):
        step()
    rate = options.steps * BATCH * CONTEXT / (time.perf_counter() - began)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    kind = "compiled" if options.compile else "eager"
    print(f"PyTorch {torch.__version__} {kind} {options.precision}: {rate:.0f} tokens/s, {parameters / 1e6:.1f} M parameters")


main()
