#!/usr/bin/env python3
"""Times a step of learning of a causal BERT body with LoRA in PyTorch and prints the figures as one line of JSON.

usage: bert_body.py REQUEST_AS_JSON

Soft tokens in, mean square of the last states as the loss, gradients of adapters and soft tokens, one step of AdamW.
The weights are random: only time is asked for. Times are CPU milliseconds of this process, which has one thread.
"""
import json
import math
import resource
import sys
import time

import torch
import torch.nn.functional as F

request = json.loads(sys.argv[1])
width, inner, heads = request["width"], request["inner"], request["heads"]
size, length, rank = request["size"], request["length"], request["rank"]
torch.set_num_threads(1)
torch.manual_seed(1)


def linear(inputs, outputs):
    return torch.randn(outputs, inputs) / math.sqrt(inputs), torch.zeros(outputs)


def adapter():
    a = torch.randn(rank, width) / math.sqrt(width)
    return a.requires_grad_(), torch.zeros(width, rank).requires_grad_()


layers = [
    {
        **{name: linear(width, width) for name in ("query", "key", "value", "output")},
        "up": linear(width, inner),
        "down": linear(inner, width),
        "adapters": {"query": adapter(), "value": adapter()},
    }
    for _ in range(request["layers"])
]
norm = (torch.ones(width), torch.zeros(width))
adapters = [matrix for layer in layers for pair in layer["adapters"].values() for matrix in pair]
optimiser = torch.optim.AdamW(adapters, lr=1e-3)


def adapted(layer, name, x):
    y = F.linear(x, *layer[name])
    if name not in layer["adapters"]:
        return y
    a, b = layer["adapters"][name]
    return y + F.linear(F.linear(x, a) * (32 / rank), b)


def split(x):
    return x.view(size, length, heads, width // heads).transpose(1, 2)


def states(x):
    x = F.layer_norm(x, (width,), *norm)
    for layer in layers:
        query, key, value = (split(adapted(layer, name, x)) for name in ("query", "key", "value"))
        mixed = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        mixed = mixed.transpose(1, 2).reshape(size * length, width)
        x = F.layer_norm(x + F.linear(mixed, *layer["output"]), (width,), *norm)
        x = F.layer_norm(x + F.linear(F.gelu(F.linear(x, *layer["up"])), *layer["down"]), (width,), *norm)
    return x


soft = torch.randn(size * length, width)


def step():
    x = soft.clone().requires_grad_()
    optimiser.zero_grad()
    states(x).square().mean().backward()
    optimiser.step()


step()
times = []
for _ in range(request["runs"]):
    before = time.process_time()
    step()
    times.append(1000 * (time.process_time() - before))
times.sort()
print(
    json.dumps(
        {
            "identity": f"PyTorch {torch.__version__}, fp32",
            "best": times[0],
            "median": times[len(times) // 2],
            "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        }
    )
)
