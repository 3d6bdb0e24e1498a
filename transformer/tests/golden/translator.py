"""Creates translator.json: loss, gradients and first steps of PyTorch's encoder and decoder layers, with our weights.

    python translator.py > translator.json        (needs torch 2.11)

The paper's model: post-norm torch.nn.TransformerEncoderLayer and TransformerDecoderLayer, sources of different lengths with a
padding mask, one embedding shared by both sides and the output, sinusoids, label smoothing; and a pre-norm model with two
embeddings and learned positions. Losses of 50 steps of torch.optim.Adam. Weights have the names used in model files of Eras.
"""

import json
import math

import torch
from torch import nn
from torch.nn import functional as F

V, D, LAYERS, HEADS, FEED, LONGEST, STEPS = 11, 8, 2, 2, 16, 8, 50
SOURCES, TARGETS = [3, 5, 5, 2, 1], [4, 1, 6, 3, 2]


def translator(norm_first):
    options = {"batch_first": True, "norm_first": norm_first, "dropout": 0.0, "activation": "relu"}
    encoder = [nn.TransformerEncoderLayer(D, HEADS, FEED, **options) for _ in range(LAYERS)]
    decoder = [nn.TransformerDecoderLayer(D, HEADS, FEED, **options) for _ in range(LAYERS)]
    model = nn.ModuleDict({"encoder": nn.ModuleList(encoder), "decoder": nn.ModuleList(decoder)})
    if norm_first:
        model["source"], model["target"] = nn.Embedding(V - 2, D), nn.Embedding(V, D)
        model["source_positions"], model["target_positions"] = nn.Embedding(LONGEST, D), nn.Embedding(LONGEST, D)
        model["encoder_norm"], model["decoder_norm"] = nn.LayerNorm(D), nn.LayerNorm(D)
    else:
        model["shared"] = nn.Embedding(V, D)
    for parameter in model.parameters():
        nn.init.normal_(parameter, 0.0, 0.3)
    return model


def sinusoids(length):
    places, pairs = torch.arange(length, dtype=torch.float64)[:, None], torch.arange(D // 2, dtype=torch.float64)
    angles = places / 10000 ** (2 * pairs / D)
    return torch.stack([angles.sin(), angles.cos()], -1).view(length, D).float()


def embed(model, side, tokens):
    if "shared" in model:
        return model["shared"](tokens) * math.sqrt(D) + sinusoids(tokens.shape[1])
    return model[side](tokens) + model[f"{side}_positions"].weight[: tokens.shape[1]]


def rows(sentences):
    longest = max(len(sentence) for sentence in sentences)
    tokens = torch.tensor([sentence + [0] * (longest - len(sentence)) for sentence in sentences])
    padding = torch.tensor([[at >= len(sentence) for at in range(longest)] for sentence in sentences])
    return tokens, padding


def loss_of(model, sources, targets, smoothing):
    # 0 ends sentences of both languages.
    read, read_padding = rows([source + [0] for source in sources])
    x = embed(model, "source", read)
    for layer in model["encoder"]:
        x = layer(x, src_key_padding_mask=read_padding)
    x = model["encoder_norm"](x) if "encoder_norm" in model else x
    before, padding = rows([[0] + target for target in targets])
    after, _ = rows([target + [0] for target in targets])
    y = embed(model, "target", before)
    causal = torch.ones(y.shape[1], y.shape[1], dtype=torch.bool).triu(1)
    for layer in model["decoder"]:
        y = layer(y, x, tgt_mask=causal, memory_key_padding_mask=read_padding)
    y = model["decoder_norm"](y) if "decoder_norm" in model else y
    table = (model["shared"] if "shared" in model else model["target"]).weight
    return F.cross_entropy((y @ table.t())[~padding], after[~padding], label_smoothing=smoothing)


def attention(name, own):
    """Self-attention, or cross-attention, whose query projection is a separate tensor in model files."""
    found = {f"{name}.out_proj.weight": own.out_proj.weight, f"{name}.out_proj.bias": own.out_proj.bias}
    if not name.endswith("cross"):
        return found | {f"{name}.in_proj.weight": own.in_proj_weight, f"{name}.in_proj.bias": own.in_proj_bias}
    for part, cut in [("q_proj", slice(0, D)), ("kv_proj", slice(D, 3 * D))]:
        found[f"{name}.{part}.weight"] = own.in_proj_weight, cut
        found[f"{name}.{part}.bias"] = own.in_proj_bias, cut
    return found


def norm(name, own):
    return {f"{name}.weight": own.weight, f"{name}.bias": own.bias}


def named(model):
    """Parameters, or some of their rows, by their names in model files."""
    if "shared" in model:
        names = {"embedding": model["shared"].weight}
    else:
        names = {"source_embedding": model["source"].weight, "target_embedding": model["target"].weight}
        names["encoder.positions"], names["decoder.positions"] = (
            model["source_positions"].weight, model["target_positions"].weight)
        names |= norm("encoder.final_norm", model["encoder_norm"]) | norm("decoder.final_norm", model["decoder_norm"])
    for side in ["encoder", "decoder"]:
        for at, layer in enumerate(model[side]):
            own = f"{side}.{at}"
            names |= attention(f"{own}.attention", layer.self_attn) | norm(f"{own}.attention_norm", layer.norm1)
            last = layer.norm2
            if side == "decoder":
                names |= attention(f"{own}.cross", layer.multihead_attn) | norm(f"{own}.cross_norm", layer.norm2)
                last = layer.norm3
            names |= norm(f"{own}.feed_forward_norm", last)
            for part, linear in [("linear1", layer.linear1), ("linear2", layer.linear2)]:
                names[f"{own}.feed_forward.{part}.weight"] = linear.weight
                names[f"{own}.feed_forward.{part}.bias"] = linear.bias
    return names


def all_numbers(named, of):
    """Shapes and numbers by name."""
    def numbers(parameter):
        parameter, cut = parameter if isinstance(parameter, tuple) else (parameter, slice(None))
        tensor = of(parameter).detach()[cut]
        return {"shape": list(tensor.shape), "numbers": [round(float(value), 9) for value in tensor.flatten()]}
    return {name: numbers(parameter) for name, parameter in named.items()}


def run(norm_first, smoothing):
    model = translator(norm_first)
    source_words = V - 2 if norm_first else V
    draw = lambda words, lengths: [torch.randint(1, words, (length,)).tolist() for length in lengths]
    sources, targets = draw(source_words, SOURCES), draw(V, TARGETS)
    weights = all_numbers(named(model), lambda parameter: parameter)
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3, betas=(0.9, 0.98), eps=1e-9)
    losses, gradients = [], None
    for _ in range(STEPS):
        optimiser.zero_grad()
        loss = loss_of(model, sources, targets, smoothing)
        loss.backward()
        gradients = gradients or all_numbers(named(model), lambda parameter: parameter.grad)
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        losses.append(loss.item())
    return {
        "norm": "pre" if norm_first else "post", "label_smoothing": smoothing, "sources": sources, "targets": targets,
        "weights": weights, "gradients": gradients, "losses": losses,
    }


torch.set_num_threads(1)
torch.manual_seed(1)
print(json.dumps({"torch": torch.__version__.split("+")[0], "runs": [run(False, 0.1), run(True, 0.0)]}))
