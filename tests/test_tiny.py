"""The whole product on one page."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import retrograd as rg
from oracles import central_differences
from retrograd.layers import Dense, ReLU, Sequential

Array = np.ndarray[Any, Any]


def softmax(z: Any) -> Any:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def loss(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    z1 = x @ W1 + b1
    a1 = np.maximum(z1, 0)
    z2 = a1 @ W2 + b2
    p = softmax(z2)
    return -np.mean(np.sum(y * np.log(p), axis=1))


def arguments(n: int = 8) -> list[Array]:
    rng = np.random.default_rng(0)
    y = np.eye(3)[rng.integers(0, 3, n)]
    shapes = [(4, 5), (5,), (5, 3), (3,)]
    return [rng.normal(size=(n, 4)), y, *(rng.normal(size=s) for s in shapes)]


WRT = ["W1", "b1", "W2", "b2"]


def test_gradients_of_a_hand_written_network() -> None:
    args = arguments()
    value, gradients = rg.value_and_grad(loss, wrt=WRT)(*args)
    assert value == pytest.approx(loss(*args), rel=1e-15)
    for position, gradient in enumerate(gradients, 2):
        numeric = central_differences(loss, args, 1.0, position)
        np.testing.assert_allclose(gradient, numeric, rtol=1e-7, atol=1e-9)


def test_the_text_is_the_program() -> None:
    args = arguments()
    step = rg.value_and_grad(loss, wrt=WRT)
    text = step.source(*args)
    assert "    dz2 = (p * y.sum(axis=1, keepdims=True) - y) / N" in text
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    function = namespace["value_and_grad_of_loss"]
    for n in (8, 3):
        value, gradients = function(*arguments(n))
        expected, theirs = step(*arguments(n))
        assert value == expected
        for a, b in zip(gradients, theirs, strict=True):
            np.testing.assert_array_equal(a, b)


def test_a_mistake_is_shown_where_it_is() -> None:
    args = arguments()
    args[4] = args[4].T
    with pytest.raises(
        rg.RetrogradError, match="a1 @ W2 cannot be multiplied: 5 columns meet 3 rows"
    ) as caught:
        rg.grad(loss, wrt="W2")(*args)
    assert "z2 = a1 @ W2 + b2" in str(caught.value)
    assert caught.value.code == "RG101"


def test_training() -> None:
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
    y = np.array([0, 1, 1, 0])
    trainer = rg.Trainer(
        Sequential(Dense(8), ReLU(), Dense(2)), optimizer=rg.optimizers.Adam(0.05), seed=1
    )
    history = trainer.fit(X, y, epochs=200, batch_size=4)
    assert history.losses[-1] < 0.05 < history.losses[0]
    assert trainer.model(X).argmax(axis=1).tolist() == [0, 1, 1, 0]
