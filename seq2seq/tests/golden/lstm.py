"""Creates lstm.json: states, losses, gradients and the losses of 50 steps of PyTorch's LSTM, with the weights used by Eras.

    python lstm.py > lstm.json        (needs torch 2.11)

Three models: a language model of two layers with a projection to the size of the tied embedding and a state carried from
window to window, trained with torch.optim.AdamW; an encoder-decoder of one layer, trained with torch.optim.SGD on reversed
sources of equal length; and an encoder-decoder of two layers with attention. Gradients are clipped. Weights have the names
used in model files of Eras. PyTorch's second bias stays 0.
"""

import json

import torch
from torch import nn
from torch.nn import functional as F

V, D, H, ROWS, WINDOW, STEPS = 11, 4, 6, 2, 5, 50
SOURCE_V, SOURCE_LENGTH, PAIRS = 9, 3, 4


def lstm(layers, inputs=D):
    return nn.LSTM(inputs, H, layers, batch_first=True)


def begin(model):
    for name, parameter in model.named_parameters():
        is_second_bias = ".bias_hh_" in name
        nn.init.constant_(parameter, 0.0) if is_second_bias else nn.init.uniform_(parameter, -0.4, 0.4)
        parameter.requires_grad_(not is_second_bias)
    return model


def cells(name, layers):
    """Parameters of an LSTM by their names in model files."""
    found = {}
    for at in range(layers.num_layers):
        for part, own in [("weight_ih", "weight_ih"), ("weight_hh", "weight_hh"), ("bias", "bias_ih")]:
            found[f"{name}.{at}.{part}"] = getattr(layers, f"{own}_l{at}")
    return found


def numbers(tensor):
    return [round(float(value), 9) for value in tensor.detach().flatten()]


def all_numbers(named):
    return {name: {"shape": list(tensor.shape), "numbers": numbers(tensor)} for name, tensor in named.items()}


def train(named, optimiser, loss_of):
    """The first loss with its gradients, and the losses of all steps."""
    weights = all_numbers(named)
    losses, gradients = [], None
    for step in range(STEPS):
        optimiser.zero_grad()
        loss = loss_of(step)
        loss.backward()
        gradients = gradients or all_numbers({name: tensor.grad for name, tensor in named.items()})
        nn.utils.clip_grad_norm_(list(named.values()), 1.0)
        optimiser.step()
        losses.append(loss.item())
    return {"weights": weights, "gradients": gradients, "losses": losses}


def language_model():
    model = begin(nn.ModuleDict({"embedding": nn.Embedding(V, D), "lstm": lstm(2), "projection": nn.Linear(H, D)}))
    text = torch.randint(0, V, (ROWS * WINDOW * (STEPS + 2),)).tolist()
    named = {"embedding": model["embedding"].weight, **cells("lstm", model["lstm"])}
    named |= {"projection.weight": model["projection"].weight, "projection.bias": model["projection"].bias}
    state, carried = None, []

    def loss_of(step):
        nonlocal state
        length = len(text) // ROWS
        starts = [row * length + step * WINDOW for row in range(ROWS)]
        inputs = [[text[at - 1] if at else 0] + text[at : at + WINDOW - 1] for at in starts]
        targets = torch.tensor([text[at : at + WINDOW] for at in starts])
        written, state = model["lstm"](model["embedding"](torch.tensor(inputs)), state)
        state = tuple(part.detach() for part in state)
        carried.append([numbers(part) for part in state])
        logits = model["projection"](written) @ model["embedding"].weight.t()
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())

    matrices = [tensor for tensor in named.values() if tensor.dim() > 1]
    vectors = [tensor for tensor in named.values() if tensor.dim() == 1]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=1e-2, betas=(0.9, 0.95), eps=1e-8)
    run = train(named, optimiser, loss_of)
    return run | {"text": text, "first_state": carried[0]}


def translator():
    model = begin(
        nn.ModuleDict({
            "source": nn.Embedding(SOURCE_V, D), "encoder": lstm(1),
            "target": nn.Embedding(V, D), "decoder": lstm(1), "output": nn.Linear(H, V),
        })
    )
    sources = torch.randint(1, SOURCE_V, (PAIRS, SOURCE_LENGTH)).tolist()
    targets = [torch.randint(1, V, (length,)).tolist() for length in [4, 1, 2, 4]]
    named = {"source_embedding": model["source"].weight, **cells("encoder", model["encoder"])}
    named |= {"target_embedding": model["target"].weight, **cells("decoder", model["decoder"])}
    named |= {"output": model["output"].weight, "bias": model["output"].bias}
    states = []

    def loss_of(_):
        # 0 ends sentences of both languages.
        read = torch.tensor([source[::-1] + [0] for source in sources])
        _, state = model["encoder"](model["source"](read))
        states.append([numbers(part) for part in state])
        # One target at a time, without padding.
        losses = []
        for row, target in enumerate(targets):
            own = tuple(part[:, row : row + 1].contiguous() for part in state)
            written, _ = model["decoder"](model["target"](torch.tensor([[0] + target])), own)
            losses.append(F.cross_entropy(model["output"](written)[0], torch.tensor(target + [0]), reduction="sum"))
        return sum(losses) / sum(len(target) + 1 for target in targets)

    run = train(named, torch.optim.SGD(list(named.values()), lr=0.7), loss_of)
    return run | {"sources": sources, "targets": targets, "first_state": states[0]}


def attention():
    """Bahdanau's attention with PyTorch's cells: an encoder and a decoder of two layers."""
    model = begin(
        nn.ModuleDict({
            "source": nn.Embedding(SOURCE_V, D), "encoder": lstm(2), "key": nn.Linear(H, H),
            "query": nn.Linear(H, H, bias=False), "score": nn.Linear(H, 1, bias=False),
            "target": nn.Embedding(V, D), "decoder": lstm(2, D + H), "projection": nn.Linear(2 * H, H),
            "output": nn.Linear(H, V),
        })
    )
    sources = torch.randint(1, SOURCE_V, (PAIRS, SOURCE_LENGTH)).tolist()
    targets = [torch.randint(1, V, (length,)).tolist() for length in [4, 1, 2, 4]]
    named = {"source_embedding": model["source"].weight, **cells("encoder", model["encoder"])}
    named |= {"target_embedding": model["target"].weight, **cells("decoder", model["decoder"])}
    for part in ["key", "projection"]:
        name = f"attention.{part}" if part == "key" else part
        named |= {f"{name}.weight": model[part].weight, f"{name}.bias": model[part].bias}
    named |= {"output": model["output"].weight, "bias": model["output"].bias}
    named |= {"attention.query": model["query"].weight, "attention.score": model["score"].weight}
    states = []

    def loss_of(_):
        read = torch.tensor([source[::-1] + [0] for source in sources])
        written, state = model["encoder"](model["source"](read))
        states.append([numbers(part) for part in state])
        losses = []
        for row, target in enumerate(targets):
            own, h = tuple(part[:, row : row + 1].contiguous() for part in state), written[row]
            for before, after in zip([0] + target, target + [0]):
                energies = model["score"](torch.tanh(model["key"](h) + model["query"](own[0][-1])))
                context = (energies.softmax(0) * h).sum(0)
                word = model["target"](torch.tensor(before))
                out, own = model["decoder"](torch.cat([word, context])[None, None], own)
                logits = model["output"](model["projection"](torch.cat([out[0, 0], context])))
                losses.append(F.cross_entropy(logits, torch.tensor(after)))
        return sum(losses) / len(losses)

    run = train(named, torch.optim.SGD(list(named.values()), lr=0.7), loss_of)
    for part in ["weights", "gradients"]:
        # A vector in model files.
        run[part]["attention.score"]["shape"] = [H]
    return run | {"sources": sources, "targets": targets, "first_state": states[0]}


torch.set_num_threads(1)
torch.manual_seed(1)
print(json.dumps({"torch": torch.__version__.split("+")[0], "language_model": language_model(), "translator": translator(), "attention": attention()}))
