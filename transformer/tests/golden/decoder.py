"""Creates decoder.json: loss, gradients and first steps of PyTorch's layers, with the weights of our decoder.

    python decoder.py > decoder.json        (needs torch 2.11)

Two decoders, pre-norm and post-norm, made of torch.nn.TransformerEncoderLayer with a causal mask; losses of 50 steps of
torch.optim.AdamW with clipped gradients. Weights have the names used in model files of Eras.
"""

import json
import math

import torch
from torch import nn
from torch.nn import functional as F

V, D, LAYERS, HEADS, FEED, CONTEXT, ROWS, STEPS = 11, 8, 2, 2, 16, 6, 2, 50


def decoder(norm_first, activation):
    layers = [
        nn.TransformerEncoderLayer(D, HEADS, FEED, 0.0, activation, 1e-5, batch_first=True, norm_first=norm_first)
        for _ in range(LAYERS)
    ]
    model = nn.ModuleDict({"embedding": nn.Embedding(V, D), "layers": nn.ModuleList(layers)})
    if norm_first:
        model["positions"] = nn.Embedding(CONTEXT, D)
        model["final"] = nn.LayerNorm(D)
    for parameter in model.parameters():
        nn.init.normal_(parameter, 0.0, 0.3)
    return model


def sinusoids():
    places, pairs = torch.arange(CONTEXT, dtype=torch.float64)[:, None], torch.arange(D // 2, dtype=torch.float64)
    angles = places / 10000 ** (2 * pairs / D)
    return torch.stack([angles.sin(), angles.cos()], -1).view(CONTEXT, D).float()


def loss_of(model, inputs, targets, smoothing):
    x = model["embedding"](inputs)
    x = x + model["positions"].weight if "positions" in model else x * math.sqrt(D) + sinusoids()
    mask = nn.Transformer.generate_square_subsequent_mask(CONTEXT)
    for layer in model["layers"]:
        x = layer(x, src_mask=mask, is_causal=True)
    if "final" in model:
        x = model["final"](x)
    logits = x @ model["embedding"].weight.t()
    return F.cross_entropy(logits.view(-1, V), targets.reshape(-1), label_smoothing=smoothing)


def named(model):
    """Parameters by their names in model files."""
    names = {"embedding": model["embedding"].weight}
    if "positions" in model:
        names["positions"] = model["positions"].weight
        names["final_norm.weight"], names["final_norm.bias"] = model["final"].weight, model["final"].bias
    for at, layer in enumerate(model["layers"]):
        ours = {
            "attention_norm.weight": layer.norm1.weight,
            "attention_norm.bias": layer.norm1.bias,
            "attention.in_proj.weight": layer.self_attn.in_proj_weight,
            "attention.in_proj.bias": layer.self_attn.in_proj_bias,
            "attention.out_proj.weight": layer.self_attn.out_proj.weight,
            "attention.out_proj.bias": layer.self_attn.out_proj.bias,
            "feed_forward_norm.weight": layer.norm2.weight,
            "feed_forward_norm.bias": layer.norm2.bias,
            "feed_forward.linear1.weight": layer.linear1.weight,
            "feed_forward.linear1.bias": layer.linear1.bias,
            "feed_forward.linear2.weight": layer.linear2.weight,
            "feed_forward.linear2.bias": layer.linear2.bias,
        }
        names.update({f"blocks.{at}.{name}": parameter for name, parameter in ours.items()})
    return names


def all_numbers(named):
    """Shapes and numbers of tensors by name."""
    numbers = lambda tensor: [round(float(value), 9) for value in tensor.detach().flatten()]
    return {name: {"shape": list(tensor.shape), "numbers": numbers(tensor)} for name, tensor in named.items()}


def batch(text, number):
    """Parallel streams of inputs and targets; the input before the first token is 0."""
    length = len(text) // ROWS
    starts = [row * length + number * CONTEXT for row in range(ROWS)]
    before = [[text[start - 1] if start else 0] + text[start : start + CONTEXT - 1] for start in starts]
    return torch.tensor(before), torch.tensor([text[start : start + CONTEXT] for start in starts])


def run(norm_first, activation, smoothing):
    model = decoder(norm_first, activation)
    text = torch.randint(0, V, (ROWS * CONTEXT * (STEPS + 2),)).tolist()
    weights = all_numbers(named(model))
    loss = loss_of(model, *batch(text, 0), smoothing)
    loss.backward()
    gradients = all_numbers({name: parameter.grad for name, parameter in named(model).items()})
    matrices = [parameter for parameter in model.parameters() if parameter.dim() > 1]
    vectors = [parameter for parameter in model.parameters() if parameter.dim() == 1]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=1e-2, betas=(0.9, 0.95), eps=1e-8)
    losses = []
    for step in range(STEPS):
        optimiser.zero_grad()
        loss = loss_of(model, *batch(text, step), smoothing)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        losses.append(loss.item())
    return {
        "norm": "pre" if norm_first else "post",
        "activation": activation,
        "label_smoothing": smoothing,
        "text": text,
        "weights": weights,
        "gradients": gradients,
        "losses": losses,
    }


torch.manual_seed(1)
print(json.dumps({"torch": torch.__version__.split("+")[0], "runs": [run(True, "gelu", 0.0), run(False, "relu", 0.1)]}))
