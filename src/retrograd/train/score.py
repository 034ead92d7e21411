"""How well a model does on data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from retrograd.layers import Sequential
from retrograd.losses import cross_entropy

Array = np.ndarray[Any, Any]
Loss = Callable[[Any, Any], Any]


@dataclass(frozen=True)
class Score:
    """Mean loss, and accuracy where the labels are classes."""

    loss: float
    accuracy: float | None


def evaluate(model: Sequential, loss: Loss, X: Array, y: Array) -> Score:
    """Mean loss, and accuracy where y holds classes, in batches that fit into the cache."""
    total, right, count = 0.0, 0, 0
    for rows in _slices(len(X), 1024):
        output = model(X[rows])
        total += float(loss(output, y[rows])) * len(output)
        right += int((output.argmax(axis=1) == _classes(y[rows], output)).sum())
        count += output.size // output.shape[1]
    is_classes = loss is cross_entropy or y.dtype.kind in "iu"
    return Score(total / len(X), right / count if is_classes else None)


def _classes(y: Array, output: Array) -> Array:
    return y.argmax(axis=1) if y.shape[1:] == output.shape[1:] and y.ndim > 1 else y


def _slices(n: int, size: int) -> Iterator[slice]:
    return (slice(start, start + size) for start in range(0, n, size))
