"""What is compiled, what is not and why; and gradients alone, with `backend="compiled"`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import retrograd as rg
from compile.test_steps import beginners, drawn, hinge, normalized, one_hot, relu, sorted_units
from retrograd.errors import ArgumentError
from retrograd.optimizers import SGD, Adam

pytest.importorskip("numba")


def test_the_lowered_form_has_the_names_of_the_text() -> None:
    p, X, y = drawn(np.float32)
    step = rg.compile_step(normalized, Adam(), p)
    lowered, text = step.compiled_source(X, y), step.source(X, y)
    for name in ("mean", "spread", "dW1", "db2"):
        assert name in lowered
        assert name in text


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
    q = {name: value.copy() for name, value in p.items()}
    step = rg.compile_step(loss, SGD(0.1), p, threads=threads)
    assert step.is_compiled((X, y), 60)
    for _ in range(3):
        value, gradients = rg.value_and_grad(loss)(q, X, y)
        assert step(X, y) == pytest.approx(value, rel=1e-12)
        for name in q:
            q[name] -= 0.1 * gradients[name]
    for name in q:
        np.testing.assert_allclose(p[name], q[name], rtol=1e-12)


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
