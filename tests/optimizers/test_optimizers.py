"""Optimizers against their papers' formulas, step by step in plain Python numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import retrograd as rg
from retrograd.optimizers import SGD, Adam


def gradients() -> list[float]:
    return [0.5, -2.0, 1e-3, 4.0, 0.0, 0.25]


def test_sgd_with_momentum() -> None:
    w, v = 1.0, 0.0
    array = np.array([1.0])
    optimizer = SGD(0.1, momentum=0.9)
    for g in gradients():
        v = 0.9 * v + g
        w -= 0.1 * v
        optimizer.update(array, np.array([g]))
        assert array[0] == pytest.approx(w, rel=1e-14)


def test_adam_is_algorithm_1_of_the_paper() -> None:
    w, m, v = 1.0, 0.0, 0.0
    array = np.array([1.0])
    optimizer = Adam(0.01, beta1=0.8, beta2=0.95, epsilon=1e-6)
    for t, g in enumerate(gradients(), 1):
        m = 0.8 * m + 0.2 * g
        v = 0.95 * v + 0.05 * g * g
        w -= 0.01 * (m / (1 - 0.8**t)) / (math.sqrt(v / (1 - 0.95**t)) + 1e-6)
        optimizer.update(array, np.array([g]))
        assert array[0] == pytest.approx(w, rel=1e-12)


def test_float32_stays_float32() -> None:
    for optimizer in (SGD(0.1), SGD(0.1, 0.9), Adam()):
        w = np.ones(3, dtype=np.float32)
        optimizer.update(w, np.ones(3, dtype=np.float32))
        assert w.dtype == np.float32 and (w < 1).all()


@pytest.mark.parametrize(
    "make",
    [
        lambda: SGD(0.0),
        lambda: SGD(-1.0),
        lambda: SGD(math.nan),
        lambda: SGD("0.1"),  # type: ignore[arg-type]
        lambda: SGD(0.1, momentum=1.0),
        lambda: Adam(beta1=1.0),
        lambda: Adam(beta2=-0.1),
        lambda: Adam(epsilon=0.0),
        lambda: Adam(learning_rate=True),
    ],
)
def test_values_out_of_range_are_refused(make: Any) -> None:
    with pytest.raises(rg.RetrogradError, match="RG601"):
        make()
