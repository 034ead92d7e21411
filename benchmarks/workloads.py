"""What is trained: the networks, their data and first parameters, the same for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
RATE = 1e-3  # Adam's learning rate


@dataclass(frozen=True)
class Workload:
    """A network and its batches.

    Attributes:
        name: what it is called in the table.
        sizes: of the layers, inputs first.
        batch: rows a step.
        steps: batches of one pass over the data.
        kind: which of the forward passes in `losses`.
    """

    name: str
    sizes: tuple[int, ...]
    batch: int
    steps: int
    kind: str = "relu"

    def parameters(self) -> list[Array]:
        """W1, b1, W2, b2, ... in float32: W of (D, C), b of (C,)."""
        rng = np.random.default_rng(0)
        made: list[Array] = []
        hidden = len(self.sizes) - 2
        for layer, (rows, columns) in enumerate(zip(self.sizes, self.sizes[1:], strict=False)):
            w = rng.normal(size=(rows, columns)) * np.sqrt(2 / rows)
            made += [w.astype(np.float32), np.zeros(columns, np.float32)]
            if self.kind == "layernorm" and layer < hidden:
                made += [np.ones(columns, np.float32), np.zeros(columns, np.float32)]
        return made

    def data(self) -> tuple[Array, Array]:
        """The inputs (N, D) in float32 and the class numbers (N,) of all batches."""
        rng = np.random.default_rng(1)
        rows = self.batch * self.steps
        X = rng.normal(size=(rows, self.sizes[0])).astype(np.float32)
        return X, rng.integers(0, self.sizes[-1], rows)

    def batches(self) -> list[tuple[Array, Array]]:
        """The same, one pair for each step."""
        X, y = self.data()
        cuts = range(0, len(X), self.batch)
        return [(X[k : k + self.batch], y[k : k + self.batch]) for k in cuts]


WORKLOADS = (
    Workload("2-8-2, batch 4", (2, 8, 2), 4, 100),
    Workload("64-32-10, batch 32", (64, 32, 10), 32, 100),
    Workload("784-10, batch 128", (784, 10), 128, 20),
    Workload("784-128-10, batch 128", (784, 128, 10), 128, 20),
    Workload("784-512-512-10, batch 128", (784, 512, 512, 10), 128, 6),
    Workload("784-1024-1024-10, batch 512", (784, 1024, 1024, 10), 512, 2),
    Workload("784-128-10, batch 8192", (784, 128, 10), 8192, 2),
    Workload("layernorm + residual, 64-64-64-10, batch 64", (64, 64, 64, 10), 64, 50, "layernorm"),
    Workload("tanh, 64-64-64-10, batch 64", (64, 64, 64, 10), 64, 50, "tanh"),
    Workload("GELU, 64-64-64-10, batch 64", (64, 64, 64, 10), 64, 50, "gelu"),
    Workload("layernorm + residual, 32-32-32-10, batch 32", (32, 32, 32, 10), 32, 100, "layernorm"),
    Workload("tanh, 32-32-32-10, batch 32", (32, 32, 32, 10), 32, 100, "tanh"),
    Workload("GELU, 32-32-32-10, batch 32", (32, 32, 32, 10), 32, 100, "gelu"),
)
