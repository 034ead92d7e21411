"""Writes, views and memory: the right gradient or a refusal; the caller's arrays unchanged."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import retrograd as rg

X = np.array([1.0, 2.0, 3.0])


def test_a_gradient_may_be_changed_in_place() -> None:
    c = np.array([4.0, 5.0, 6.0])
    gradient = rg.grad(lambda a: np.sum(a * c))(X)
    gradient *= 0
    np.testing.assert_array_equal(c, [4.0, 5.0, 6.0])
    first, second = rg.grad(lambda a, b: np.sum((a + b) ** 2), [0, 1])(X, X)
    assert not np.shares_memory(first, second)


def test_scalars_are_not_changed_through_another_name() -> None:
    def f(a: Any) -> Any:
        data = a.sum()
        total = data
        total += 1.0
        return data * total

    value, gradient = rg.value_and_grad(f)(X)
    assert value == 42
    np.testing.assert_allclose(gradient, 13)

    def g(v: Any) -> Any:
        t = v
        v += 1.0
        return t * v

    assert rg.grad(g)(2.0) == 5.0


@pytest.mark.parametrize(
    "view",
    [
        np.transpose,
        np.squeeze,
        np.atleast_1d,
        lambda x: np.reshape(x, (3,)),
        lambda x: x[:],
        lambda x: x.T,
        lambda x: np.broadcast_to(x, (3,)),
    ],
)
def test_a_write_through_a_view_is_refused(view: Any) -> None:
    def f(x: Any) -> Any:
        z = view(x)
        z += 1
        return np.sum(x * x)

    with pytest.raises(rg.RetrogradError, match="RG404"):
        rg.grad(f)(X.copy())


@pytest.mark.parametrize("write", [lambda b, x: np.copyto(b, x), lambda b, x: b.fill(1.0)])
def test_writes_that_cannot_be_followed_are_refused(write: Any) -> None:
    def f(x: Any) -> Any:
        b = np.zeros(3)
        write(b, x)
        return np.sum(b * b) + np.sum(x)

    with pytest.raises(rg.RetrogradError, match="RG40"):
        rg.grad(f)(X)


def test_array_makers_with_their_arguments() -> None:
    def f(x: Any) -> Any:
        rows = np.array(x, ndmin=2).shape[0]
        return np.sum(np.identity(3, np.float64) @ x) * rows + np.asarray(x, None, "C").sum()

    np.testing.assert_array_equal(rg.grad(f)(X), np.full(3, 2.0))


def test_the_result_of_vjp_is_not_the_argument() -> None:
    for f in (lambda x: x.copy(), lambda x: +x, lambda x: np.array(x), lambda x: x.T):
        out, _ = rg.vjp(f, X)
        assert not np.shares_memory(out, X)
