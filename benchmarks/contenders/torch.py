"""PyTorch, eager, with fused Adam."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional

from benchmarks.contenders import Ways
from benchmarks.workloads import RATE, Workload


def prepare(workload: Workload, threads: int) -> Ways:
    """One way: a step for each batch."""
    return {"torch eager": training(workload, threads, lambda forward: forward)}


def training(
    workload: Workload, threads: int, compiled: Callable[[Callable[..., Any]], Callable[..., Any]]
) -> Callable[[], float]:
    """A pass over the batches, with the forward pass as it is or compiled."""
    torch.set_num_threads(threads)
    params = [torch.tensor(p, requires_grad=True) for p in workload.parameters()]
    batches = [(torch.tensor(x), torch.tensor(y)) for x, y in workload.batches()]
    adam = torch.optim.Adam(params, lr=RATE, fused=True)

    def relu_like(activation):
        def forward(x, y):
            for k in range(0, len(params) - 2, 2):
                x = activation(torch.addmm(params[k + 1], x, params[k]))
            return functional.cross_entropy(torch.addmm(params[-1], x, params[-2]), y)

        return forward

    def layernorm(x, y):
        for k in range(0, len(params) - 2, 4):
            W, b, gain, shift = params[k : k + 4]
            h = torch.relu(torch.addmm(b, x, W))
            x = x + functional.layer_norm(h, h.shape[1:], gain, shift, 1e-5)
        return functional.cross_entropy(torch.addmm(params[-1], x, params[-2]), y)

    kinds = {
        "relu": relu_like(torch.relu),
        "tanh": relu_like(torch.tanh),
        "gelu": relu_like(lambda x: functional.gelu(x, approximate="tanh")),
        "layernorm": layernorm,
    }
    forward = compiled(kinds[workload.kind])

    def calls() -> float:
        total = []
        for x, y in batches:
            adam.zero_grad(set_to_none=True)
            loss = forward(x, y)
            loss.backward()
            adam.step()
            total.append(loss.detach())
        return float(sum(map(float, total))) / len(total)

    return calls
