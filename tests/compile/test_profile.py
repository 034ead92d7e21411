"""A profile names the lines of the readable text, and changes nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import retrograd as rg
from compile.test_steps import drawn, relu, sorted_units
from retrograd.layers import Dense, Dropout, ReLU, Sequential
from retrograd.optimizers import Adam

pytest.importorskip("numba")


@pytest.mark.parametrize("loss", [relu, sorted_units], ids=lambda f: f.__name__)
def test_lines_are_those_of_the_text(loss: Any) -> None:
    p, X, y = drawn(np.float32)
    before = {n: a.copy() for n, a in p.items()}
    step = rg.compile_step(loss, Adam(), p)
    found = step.profile((X, y), 12)
    text = step.source(X[:12], y[:12])
    whole = [line for part in found.parts for line in part.lines if " = " in line]
    assert len(whole) > 8
    assert all(line in text for line in whole)
    assert found.how.startswith("compiled" if loss is relu else "NumPy text")
    assert all(np.array_equal(p[n], before[n]) for n in p)
    assert step.optimizer.steps == 0


def test_products_are_counted() -> None:
    p, X, y = drawn(np.float32)
    found = rg.compile_step(relu, Adam(), p).profile((X, y), 12)
    own = {part.lines[0]: part.products for part in found.parts if part.products}
    assert own["x @ W1"] == 12 * 5 * 7
    assert sorted(own.values()) == sorted([12 * 5 * 7] * 2 + [12 * 7 * 3] * 3)
    assert 0 < found.in_products < 1
    assert found.gflops > 0
    assert found.seconds == pytest.approx(sum(part.seconds for part in found.parts))


def test_a_slow_line_is_seen() -> None:
    p, X, y = drawn(np.float32)

    def slow(p: Any, x: Any, y: Any) -> Any:
        wide = np.sort(np.concatenate([x] * 2000, axis=1), axis=1)
        return relu(p, x, y) + 0 * wide.sum()

    found = rg.compile_step(slow, Adam(), p).profile((X, y), 12)
    slowest = max(found.parts, key=lambda part: part.seconds)
    assert "wide" in slowest.lines[0] or "sort" in slowest.lines[0]


def test_the_table_fits_a_terminal() -> None:
    p, X, y = drawn(np.float32)
    table = str(rg.compile_step(relu, Adam(), p).profile((X, y), 12))
    assert "a step, compiled" in table
    assert max(map(len, table.splitlines())) <= 100


@pytest.mark.parametrize("backend", ["numpy", "compiled"])
def test_of_a_trainer(backend: str) -> None:
    X, y = np.random.default_rng(0).normal(size=(60, 6)), np.arange(60) % 3
    model = Sequential(Dense(8), ReLU(), *([Dropout(0.5)] if backend == "numpy" else []), Dense(3))
    trainer = rg.Trainer(model, backend=backend)
    trainer.fit(X, y, epochs=1, batch_size=20)
    found = trainer.profile(X, y, 20)
    assert found.how.startswith("NumPy text" if backend == "numpy" else "compiled")
    assert any("W1" in part.lines[0] for part in found.parts)
