"""Classes whose objects are made inside of the recorded function."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import retrograd as rg
from oracles import central_differences


class Built:
    """A class of the beginner's kind: built in the function, with NumPy's makers in its methods."""

    def __init__(self, W: Any) -> None:
        self.W = W
        self.rows = np.arange(3)

    @staticmethod
    def one_hot(y: Any, n: Any) -> Any:
        return np.eye(3)[y] * np.ones((n, 3))

    @classmethod
    def made(cls, W: Any) -> Any:
        return cls(2 * W)

    def loss(self, X: Any, y: Any) -> Any:
        z = X @ self.W
        e = np.exp(z - z.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        picked = -np.log(p[np.arange(X.shape[0]), y]).mean()
        return picked + 0.1 * np.sum(self.one_hot(y, len(y)) * p)


class Inherited(Built):
    def loss(self, X: Any, y: Any) -> Any:
        return super().loss(X, y) * 2


@pytest.mark.parametrize("kind", [Built, Inherited])
def test_a_class_whose_objects_are_made_in_the_function(kind: Any) -> None:
    rng = np.random.default_rng(0)
    X, y, W = rng.normal(size=(5, 4)), np.array([0, 1, 2, 0, 1]), rng.normal(size=(4, 3))

    def f(W: Any, X: Any, y: Any) -> Any:
        model = kind.made(W)
        assert isinstance(model, kind) and isinstance(model, Built)
        return model.loss(X, y)

    gradient = rg.grad(f)
    if kind is Built:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            gradient(W, X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rg.RecordedAtEveryCall)
        found = gradient(W, X, y)
    numeric = central_differences(lambda W: f(W, X, y), [W], 1.0, 0)
    np.testing.assert_allclose(found, numeric, rtol=1e-7, atol=1e-9)
