"""The NumPy text that this library writes, with its Adam over a flat buffer."""

from __future__ import annotations

import numpy as np

import retrograd as rg
from benchmarks.contenders import Ways
from benchmarks.losses import loss_of
from benchmarks.workloads import RATE, Workload


def prepare(workload: Workload, threads: int) -> Ways:
    """One way: the text for each batch."""
    params, batches = workload.parameters(), workload.batches()
    flat = np.concatenate([p.ravel() for p in params])
    ends = np.cumsum([p.size for p in params])
    views = [flat[end - p.size : end].reshape(p.shape) for p, end in zip(params, ends, strict=True)]
    gradient = rg.value_and_grad(loss_of(workload.kind, np))
    adam = rg.optimizers.Adam(RATE)

    def calls() -> float:
        total = 0.0
        for x, y in batches:
            loss, grads = gradient(views, x, y)
            adam.update(flat, np.concatenate([g.ravel() for g in grads]))
            total += float(loss)
        return total / len(batches)

    return {"NumPy text": calls}
