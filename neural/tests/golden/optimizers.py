"""Creates optimizers.json: 20 steps of PyTorch's optimizers with given gradients.

    python optimizers.py > optimizers.json        (needs torch 2.11)
"""

import json

import torch

SIZE, STEPS = 48, 20


def run(name, make):
    start = torch.randn(SIZE)
    gradients = [torch.randn(SIZE) for _ in range(STEPS)]
    parameter = torch.nn.Parameter(start.clone())
    optimiser = make([parameter])
    for gradient in gradients:
        parameter.grad = gradient.clone()
        optimiser.step()
    numbers = lambda tensor: [round(float(value), 8) for value in tensor.detach()]
    return {"name": name, "start": numbers(start), "gradients": [numbers(g) for g in gradients], "end": numbers(parameter)}


torch.manual_seed(1)
optim = torch.optim
RUNS = {
    "sgd": lambda p: optim.SGD(p, lr=0.1),
    "momentum": lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
    "adagrad": lambda p: optim.Adagrad(p, lr=0.1, eps=1e-10),
    "adam": lambda p: optim.Adam(p, lr=0.01, betas=(0.9, 0.98), eps=1e-9),
    "adamw": lambda p: optim.AdamW(p, lr=0.01, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1),
}
print(json.dumps([run(name, make) for name, make in RUNS.items()]))
