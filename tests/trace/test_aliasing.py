"""Writes, views and memory: the right gradient or a refusal; the caller's arrays unchanged."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import retrograd as rg
from oracles import agrees

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


def through_a_view(view: Any) -> Any:
    def f(x: Any) -> Any:
        z = view(x)
        z += 1
        z[..., 0] = 0.5
        return np.sum(x * x) + np.sum(z**3)

    return f


VIEWS = {
    "transposed": lambda x: x.T,
    "squeezed": np.squeeze,
    "reshaped": lambda x: np.reshape(x, (4, 3)),
    "all of it": lambda x: x[:],
    "every other row": lambda x: x[::2],
    "backwards": lambda x: x[::-1, 1:],
    "a row": lambda x: x[1],
    "a column": lambda x: x[:, 1],
    "flipped": lambda x: np.flip(x, 0),
    "axes swapped": lambda x: x.swapaxes(0, 1),
    "flat": lambda x: x.ravel(),
    "in parts": lambda x: np.split(x, 2, axis=1)[1],
    "itself": np.asarray,
    "by einsum": lambda x: np.einsum("ij->ji", x),
    "a view of a view": lambda x: x.T[1:].T[0],
}


@pytest.mark.parametrize("name", VIEWS)
def test_a_write_through_a_view_reaches_the_array(name: str) -> None:
    agrees(through_a_view(VIEWS[name]), np.arange(12.0).reshape(3, 4) / 7)


COPIES = {
    "sorted": np.sort,
    "picked": lambda x: x[[0, 1]],
    "flattened": lambda x: x.flatten(),
    "copied": np.copy,
    "a transposed array, flat": lambda x: x.T.reshape(-1),
    "columns first, flat": lambda x: np.asfortranarray(x).ravel(),
}


@pytest.mark.parametrize("name", COPIES)
def test_a_write_into_a_copy_does_not(name: str) -> None:
    agrees(through_a_view(COPIES[name]), np.arange(12.0).reshape(3, 4) / 7)


def rows_read_later(x: Any, w: Any) -> Any:
    h = np.zeros((5, 3))
    for i in range(2):
        h[i + 1] = np.tanh(h[i] @ w + x[i])
    h[1] = 5.0
    return h.sum()


def a_view_read_before_a_scale(x: Any) -> Any:
    v = x.ravel()
    v[[0, 2, 4]] += x.ravel()[[1, 2, 3]]
    return (v**2).mean() + (x**2).mean()


def overlapping(x: Any) -> Any:
    x[1:] += x[:-1]
    row = x[0]
    row[:] = row[::-1]
    return np.sum(x**3)


def numbers_with_no_axes(x: Any) -> Any:
    b = np.array(2.0)
    b += x[0, 0]
    c = b
    c *= 2
    d = np.zeros(())
    d[()] = 3.0
    d += c
    return np.sum(x * b) * d


def diagonals(w: Any) -> Any:
    d = np.diag(w)
    w *= 2
    np.einsum("ii->i", w)[:2] = 0.5
    return (d**2).sum() + np.sum(w**3)


def places_twice(x: Any) -> Any:
    np.add.at(x, [0, 2, 0], 1.5)
    np.add.at(x, ([0, 0], [1, 1]), x[1, :2])
    return np.sum(x**2)


def after_a_broadcast_out(x: Any) -> Any:
    np.tanh(x[0], x)
    x -= 1
    return np.sum(x**2)


@pytest.mark.parametrize(
    "f",
    [
        a_view_read_before_a_scale,
        overlapping,
        numbers_with_no_axes,
        diagonals,
        places_twice,
        after_a_broadcast_out,
    ],
)
def test_what_shares_memory_is_followed(f: Any) -> None:
    agrees(f, np.linspace(-1, 2, 9).reshape(3, 3) ** 3)


def test_old_values_stay_where_the_backward_pass_needs_them() -> None:
    rng = np.random.default_rng(0)
    agrees(rows_read_later, rng.normal(size=(4, 3)), rng.normal(size=(3, 3)))


def test_arguments_that_share_memory_are_refused_only_where_it_matters() -> None:
    def f(a: Any, b: Any) -> Any:
        a *= 2
        return (a * b).sum()

    gradient = rg.grad(f, [0, 1])
    gradient(X.copy(), X.copy())
    x = X.copy()
    with pytest.raises(rg.RetrogradError, match="RG404"):
        gradient(x, x)
    np.testing.assert_array_equal(rg.grad(lambda a, b: (a * b).sum())(x, x), X)


def test_another_layout_in_memory_is_recorded_anew() -> None:
    def f(x: Any) -> Any:
        v = x.ravel()
        v[0] = 9.0
        return (x**2).sum()

    gradient = rg.grad(f)
    x = np.arange(6.0).reshape(2, 3)
    assert gradient(x)[0, 0] == 0
    np.testing.assert_array_equal(gradient(np.asfortranarray(x + 1)), 2 * (x + 1))


def test_writes_inside_a_gradient_of_a_gradient() -> None:
    def inner(x: Any) -> Any:
        h = np.zeros(3)
        h += x**3
        h[0] = x[1] ** 3
        h *= 2.0
        return h.sum()

    agrees(lambda v: (rg.grad(inner)(v) ** 2).sum(), X)


def test_array_makers_with_their_arguments() -> None:
    def f(x: Any) -> Any:
        rows = np.array(x, ndmin=2).shape[0]
        return np.sum(np.identity(3, np.float64) @ x) * rows + np.asarray(x, None, "C").sum()

    np.testing.assert_array_equal(rg.grad(f)(X), np.full(3, 2.0))


def test_the_result_of_vjp_is_not_the_argument() -> None:
    for f in (lambda x: x.copy(), lambda x: +x, lambda x: np.array(x), lambda x: x.T):
        out, _ = rg.vjp(f, X)
        assert not np.shares_memory(out, X)
