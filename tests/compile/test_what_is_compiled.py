"""What is compiled, what is not and why; and gradients alone, with `backend="compiled"`."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.special

import retrograd as rg
from compile.test_steps import (
    beginners,
    drawn,
    hinge,
    normalized,
    one_hot,
    relu,
    softmax_loss,
    sorted_units,
)
from retrograd.compile import plan
from retrograd.errors import ArgumentError
from retrograd.layers import (
    Activation,
    BatchNorm,
    Dense,
    Dropout,
    GroupNorm,
    LayerNorm,
    RMSNorm,
    Sequential,
)
from retrograd.native.kept import Native
from retrograd.optimizers import SGD, Adam
from retrograd.rewrite import for_loops

pytest.importorskip("numba")


def test_the_lowered_form_has_the_names_of_the_text() -> None:
    p, X, y = drawn(np.float32)
    step = rg.compile_step(normalized, Adam(), p)
    lowered, text = step.compiled_source(X, y), step.source(X, y)
    for name in ("mean", "spread", "dW1", "db2"):
        assert name in lowered
        assert name in text


def follows_its_text(loss: Callable[..., Any], p: Any, X: Any, y: Any, threads: int) -> None:
    """Some steps, compiled as a whole, give what the text gives."""
    q = {name: value.copy() for name, value in p.items()}
    step = rg.compile_step(loss, SGD(0.1), p, threads=threads)
    assert step.is_compiled((X, y), len(X))
    for _ in range(3):
        value, gradients = rg.value_and_grad(loss)(q, X, y)
        assert step(X, y) == pytest.approx(value, rel=1e-11)
        for name in q:
            q[name] -= 0.1 * gradients[name]
    for name in q:
        np.testing.assert_allclose(p[name], q[name], rtol=1e-10, atol=1e-13)


def linear(p: Any, x: Any, y: Any) -> Any:
    return np.mean((np.dot(x, p["w"]) + p["b"] - y) ** 2) + 0.1 * np.sum(p["w"] ** 2)


def hidden(p: Any, x: Any, y: Any) -> Any:
    return np.mean((np.tanh(x @ p["W"]) @ p["w"] - y) ** 2) + 0.1 * np.mean(p["w"] @ p["W"].T)


@pytest.mark.parametrize("loss", [linear, hidden], ids=lambda f: f.__name__)
@pytest.mark.parametrize("threads", [1, 3])
def test_products_of_a_matrix_and_a_vector(loss: Callable[..., Any], threads: int) -> None:
    rng = np.random.default_rng(0)
    size = 7 if loss is linear else 5
    start = {"w": rng.normal(size=size), "W": rng.normal(size=(7, 5)), "b": np.zeros(1)}
    p = {name: start[name] for name in (("w", "b") if loss is linear else ("w", "W"))}
    X, y = rng.normal(size=(60, 7)), rng.normal(size=60)
    follows_its_text(loss, p, X, y, threads)


@pytest.mark.parametrize("loss", [beginners, one_hot, hinge], ids=lambda f: f.__name__)
def test_what_people_write_is_compiled_whole(loss: Callable[..., Any]) -> None:
    p, X, y = drawn(np.float32)
    assert "def epoch" in rg.compile_step(loss, Adam(), p).compiled_source(X, y)


def test_what_is_not_compiled_is_named() -> None:
    p, X, y = drawn(np.float32)
    with pytest.raises(rg.RetrogradError, match=r"RG610.*sort") as caught:
        rg.compile_step(sorted_units, Adam(), p).compiled_source(X, y)
    assert caught.value.where is not None
    assert caught.value.where.file == sorted_units.__code__.co_filename


@pytest.mark.parametrize("loss", [relu, sorted_units], ids=lambda f: f.__name__)
def test_backend(loss: Callable[..., Any]) -> None:
    p, X, y = drawn(np.float32)
    plain, fast = rg.value_and_grad(loss), rg.value_and_grad(loss, backend="compiled")
    for rows in (slice(0, 8), slice(8, 20), slice(20, 21)):
        value, gradients = plain(p, X[rows], y[rows])
        own, found = fast(p, X[rows], y[rows])
        assert type(own) is type(value)
        assert own == pytest.approx(value, rel=1e-5)
        for name in p:
            np.testing.assert_allclose(found[name], gradients[name], rtol=1e-4, atol=1e-6)
    with pytest.raises(ArgumentError, match="RG601"):
        rg.value_and_grad(loss, backend="fast")


def test_results_belong_to_the_caller() -> None:
    p, X, y = drawn(np.float32)
    fast = rg.value_and_grad(relu, backend="compiled")
    first = fast(p, X, y)[1]["W1"]
    kept = first.copy()
    p["W1"] += 1
    fast(p, X, y)
    assert np.array_equal(first, kept)


def with_variance(p: Any, x: Any, y: Any) -> Any:
    """Layer normalization as most people write it."""
    h = x @ p["W1"] + p["b1"]
    h = (h - h.mean(axis=1, keepdims=True)) / np.sqrt(h.var(axis=1, keepdims=True) + 1e-5)
    return softmax_loss(np.maximum(h, 0) @ p["W2"] + p["b2"], y)


def over_the_batch(p: Any, x: Any, y: Any) -> Any:
    """Batch normalization, with standard deviations of the sample."""
    h = x @ p["W1"] + p["b1"]
    h = (h - h.mean(axis=0)) / (h.std(axis=0, ddof=1) + 1e-3)
    return softmax_loss(np.tanh(h) @ p["W2"] + p["b2"], y) + 0.1 * np.var(p["W1"])


def gelu(p: Any, x: Any, y: Any) -> Any:
    h = x @ p["W1"] + p["b1"]
    h = 0.5 * h * (1 + scipy.special.erf(h / np.sqrt(2.0)))
    return softmax_loss(h @ p["W2"] + p["b2"], y)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("loss", [with_variance, over_the_batch, gelu], ids=lambda f: f.__name__)
def test_what_is_made_of_loops(loss: Callable[..., Any], threads: int) -> None:
    follows_its_text(loss, *drawn(np.float64), threads)


@pytest.mark.parametrize("layer", [LayerNorm(), GroupNorm(2), RMSNorm(), Activation("gelu")])
def test_layers_are_compiled(layer: Any) -> None:
    X, y = np.random.default_rng(0).normal(size=(48, 12)), np.arange(48) % 4
    found = []
    for backend in ("numpy", "compiled"):
        model = Sequential(Dense(8), copy.deepcopy(layer), Dense(4))
        trainer = rg.Trainer(model, optimizer=SGD(0.1), seed=0, backend=backend)
        found.append(trainer.fit(X, y, epochs=3, batch_size=16).losses)
    assert trainer._compiled is not None
    assert trainer._compiled.is_compiled((X, y), 16)
    assert found[1] == pytest.approx(found[0], rel=1e-5)


def two_sets(a: Any, b: Any) -> Any:
    """Rows of two arrays, of as many only by chance."""
    return np.sum(np.exp(a) * a) + np.sum(np.tanh(b) ** 2)


def test_lengths_that_were_equal_by_chance() -> None:
    rng = np.random.default_rng(0)
    fast = rg.value_and_grad(two_sets, wrt=("a", "b"), backend="compiled")
    plain = rg.value_and_grad(two_sets, wrt=("a", "b"))
    for rows, others in [(4, 4), (4, 9), (9, 4), (7, 7), (1, 4), (4, 1)]:
        a, b = rng.normal(size=(rows, 5)), rng.normal(size=(others, 5))
        value, gradients = plain(a, b)
        own, found = fast(a, b)
        assert own == pytest.approx(value, rel=1e-12)
        for one, other in zip(found, gradients, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12)


WRONG_SHAPES = """
from retrograd.native.arrays import at, shaped
from retrograd.native.functions import kernel

@kernel
def cut(memory, n):
    return at(memory, 2, (2, n))[1]

@kernel
def renamed(memory, n):
    return shaped(memory, (n, 2))[0, 1]
"""


def test_nothing_outside_of_an_array_is_touched() -> None:
    native = Native(WRONG_SHAPES, "a test")
    memory = np.arange(12.0)
    assert native.call("cut", memory, 5)() == (12,)
    assert native.call("renamed", memory, 6)() == (1.0,)
    with pytest.raises(ValueError, match="memory"):
        native.call("cut", memory, 6)()
    with pytest.raises(ValueError, match="shape"):
        native.call("renamed", memory, 7)()


@pytest.mark.parametrize("layer", [BatchNorm(), Dropout(0.4)])
def test_layers_that_do_something_between_steps(layer: Any) -> None:
    """Their gradient is compiled; statistics and masks are theirs as before."""
    X, y = np.random.default_rng(0).normal(size=(50, 12)), np.arange(50) % 4
    found = []
    for backend in ("numpy", "compiled"):
        model = Sequential(Dense(8), copy.deepcopy(layer), Dense(4))
        trainer = rg.Trainer(model, optimizer=SGD(0.1), seed=0, backend=backend)
        losses = trainer.fit(X, y, epochs=3, batch_size=16).losses
        model.train(False)
        found.append((losses, model(X.astype(np.float32))))
    assert trainer._by is trainer._alone
    entry = trainer._alone.entry(X[:2].astype(np.float32), y[:2])  # as many as the last batch
    assert plan(for_loops(entry.program)).is_whole
    assert found[1][0] == pytest.approx(found[0][0], rel=1e-5)
    np.testing.assert_allclose(found[1][1], found[0][1], rtol=1e-3, atol=1e-5)
    trainer.backend = "numpy"
    trainer.fit(X, y, epochs=1, batch_size=16)
    assert trainer._by is trainer.step
