"""debug_nans: where numbers stop being finite, with the line and the entry."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import retrograd as rg
from retrograd.layers import Dense, Sequential

X = np.array([[1.0, 2.0], [3.0, 4.0], [800.0, 1.0], [0.0, 0.0]])
y = np.array([0, 1, 1, 0])


def naive(W: Any) -> Any:
    Z = X @ W
    E = np.exp(Z)
    P = E / E.sum(axis=1, keepdims=True)  # DIVIDE
    return -np.log(P[np.arange(4), y]).mean()


def length(x: Any) -> Any:
    return np.sqrt(np.sum(x**2))  # ROOT


def of_maximum(x: Any) -> Any:
    p = np.maximum(x, 0)
    return np.sum(np.log(p))  # LOG


@pytest.mark.parametrize(
    ("f", "argument", "words"),
    [
        (of_maximum, np.array([1.0, -1.0, 2.0]), ["# LOG", "[1] is -inf", "p is 0 there"]),
        (length, np.zeros(3), ["# ROOT", "in the backward pass of this line"]),
        (of_maximum, np.array([1.0, np.nan]), ["x[1] is not finite, as given"]),
    ],
)
def test_the_first_line_is_named(f: Any, argument: Any, words: list[str]) -> None:
    with pytest.raises(rg.RetrogradError, match="RG301") as caught:
        rg.value_and_grad(f, debug_nans=True)(argument)
    assert all(word in str(caught.value) for word in words)


def test_an_overflow_of_a_hand_written_softmax_is_written_safely() -> None:
    with np.errstate(all="ignore"):
        assert not np.isfinite(naive(np.eye(2)))
    assert np.isfinite(rg.grad(naive, debug_nans=True)(np.eye(2))).all()


def test_without_it_numbers_go_through_as_in_numpy() -> None:
    with np.errstate(all="ignore"):
        value, d = rg.value_and_grad(of_maximum)(np.array([1.0, 0.0]))
    assert value == -np.inf
    assert not np.isfinite(d).all()


def test_finite_results_are_returned_as_they_are() -> None:
    x = np.array([1.0, 2.0])
    value, d = rg.value_and_grad(of_maximum, debug_nans=True)(x)
    assert value == np.log(2)
    np.testing.assert_array_equal(d, 1 / x)


def test_training_says_where_it_began() -> None:
    data = np.linspace(-1, 1, 8).reshape(8, 1)
    trainer = rg.Trainer(Sequential(Dense(1)), rg.losses.mse, rg.optimizers.SGD(1e9))
    with pytest.raises(rg.RetrogradError, match="RG301") as caught:
        trainer.fit(data, data, epochs=50)
    assert "the first that is not finite" in str(caught.value)


def test_pixels_that_are_not_scaled_are_said_once() -> None:
    pixels = np.arange(256).reshape(16, 16)
    trainer = rg.Trainer(Sequential(Dense(2)))
    with pytest.warns(rg.LikelyMistake, match="RG606") as found:
        trainer.fit(pixels, np.arange(16) % 2, epochs=1)
        trainer.fit(pixels, np.arange(16) % 2, epochs=1)
    assert len(found) == 1
