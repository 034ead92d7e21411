"""The matrix products of a step alone, without all that stands between them: the floor."""

from __future__ import annotations

import numpy as np

from benchmarks.contenders import Ways
from benchmarks.workloads import Workload


def prepare(workload: Workload, threads: int) -> Ways:
    """Forward, gradients of the weights, gradients of the layers' inputs but the first one's."""
    weights = [p for p in workload.parameters() if p.ndim == 2]
    layers = [np.ones((workload.batch, n), np.float32) for n in workload.sizes]
    changes = [np.ones_like(a) for a in layers]
    moves = [np.empty_like(w) for w in weights]
    count = len(weights)

    def calls() -> float:
        for _ in range(workload.steps):
            for k in range(count):
                np.dot(layers[k], weights[k], out=changes[k + 1])
            for k in reversed(range(count)):
                np.dot(layers[k].T, layers[k + 1], out=moves[k])
                if k:
                    np.dot(layers[k + 1], weights[k].T, out=changes[k])
        return float("nan")

    return {"GEMM calls alone": calls}
