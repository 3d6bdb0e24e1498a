"""Creates attention.json: losses, gradients and the losses of 50 steps of PyTorch's LSTM and attention, with our weights.

    python attention.py > attention.json        (needs torch 2.11)

Dialogues of several lengths, processed one at a time from left to right: an LSTM, scaled_dot_product_attention with two heads
and a residual connection, a second LSTM with a residual connection, and a projection to the size of a tied embedding.
The loss is the mean over words and ends of turns, but not over speaker tokens; trained with torch.optim.Adam. Gradients are
clipped. Weights have the names used in model files of Eras. PyTorch's second bias stays 0.
"""

import json

import torch
from torch import nn
from torch.nn import functional as F

# Vocabulary size (word 0 ends a turn); number of speakers; embedding size; hidden size; heads.
V, SPEAKERS, D, H, HEADS, STEPS = 9, 4, 4, 6, 2, 50
# The words of each turn of each dialogue, without ends.
DIALOGUES = [[3, 1, 4], [2, 2], [0, 5, 1], [4]]


def cells(name, layer):
    parts = [("weight_ih", "weight_ih_l0"), ("weight_hh", "weight_hh_l0"), ("bias", "bias_ih_l0")]
    return {f"{name}.0.{part}": getattr(layer, own) for part, own in parts}


def numbers(named):
    flat = lambda tensor: [round(float(value), 9) for value in tensor.detach().flatten()]
    return {name: {"shape": list(tensor.shape), "numbers": flat(tensor)} for name, tensor in named.items()}


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(V + SPEAKERS, D)
        self.lower = nn.LSTM(D, H, batch_first=True)
        self.attention, self.join = nn.Linear(H, 3 * H), nn.Linear(2 * H, H)
        self.upper = nn.LSTM(H, H, batch_first=True)
        self.projection, self.bias = nn.Linear(H, D), nn.Parameter(torch.empty(V))
        for name, parameter in self.named_parameters():
            is_second_bias = ".bias_hh_" in name
            nn.init.constant_(parameter, 0.0) if is_second_bias else nn.init.uniform_(parameter, -0.4, 0.4)
            parameter.requires_grad_(not is_second_bias)

    def by_name(self):
        named = {"embedding": self.embedding.weight, "bias": self.bias} | cells("lower", self.lower) | cells("upper", self.upper)
        for name, part in [("attention.in_proj", "attention"), ("attention.combine", "join"), ("projection", "projection")]:
            linear = getattr(self, part)
            named |= {f"{name}.weight": linear.weight, f"{name}.bias": linear.bias}
        return named

    def forward(self, text):
        x, _ = self.lower(self.embedding(text)[None])
        heads = lambda part: part.view(1, -1, HEADS, H // HEADS).transpose(1, 2)
        query, key, value = (heads(part) for part in self.attention(x).chunk(3, -1))
        found = F.scaled_dot_product_attention(query, key, value, is_causal=True).transpose(1, 2).flatten(2)
        x = x + torch.tanh(self.join(torch.cat([x, found], -1)))
        return self.projection(x + self.upper(x)[0])[0] @ self.embedding.weight[:V].t() + self.bias


torch.set_num_threads(1)
torch.manual_seed(1)
dialogues = [[torch.randint(1, V, (length,)).tolist() for length in turns] for turns in DIALOGUES]
model = Network()
named = model.by_name()
optimiser = torch.optim.Adam(list(named.values()), lr=1e-2, betas=(0.9, 0.98), eps=1e-9)
weights, gradients, losses = numbers(named), None, []
for step in range(STEPS):
    optimiser.zero_grad()
    of_words = []
    for talk in dialogues:
        text = torch.tensor([token for at, turn in enumerate(talk) for token in [V + at % 2, *turn, 0]])
        logits, targets = model(text[:-1]), text[1:]
        of_words.append(F.cross_entropy(logits[targets < V], targets[targets < V], reduction="none"))
    loss = torch.cat(of_words).mean()
    loss.backward()
    gradients = gradients or numbers({name: tensor.grad for name, tensor in named.items()})
    nn.utils.clip_grad_norm_(list(named.values()), 1.0)
    optimiser.step()
    losses.append(loss.item())
print(json.dumps({"torch": torch.__version__.split("+")[0], "dialogues": dialogues, "weights": weights, "gradients": gradients, "losses": losses}))
