"""What is compiled, what is not and why; and gradients alone, with `backend="compiled"`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import retrograd as rg
from compile.test_steps import beginners, drawn, hinge, normalized, one_hot, relu, sorted_units
from retrograd.errors import ArgumentError
from retrograd.optimizers import Adam

pytest.importorskip("numba")


def test_the_lowered_form_has_the_names_of_the_text() -> None:
    p, X, y = drawn(np.float32)
    step = rg.compile_step(normalized, Adam(), p)
    lowered, text = step.compiled_source(X, y), step.source(X, y)
    for name in ("mean", "spread", "dW1", "db2"):
        assert name in lowered
        assert name in text


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
