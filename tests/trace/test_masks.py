"""Masks and labels that decide: never stale, said once, and checked by the text."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import retrograd as rg
from oracles import agrees

X = np.random.default_rng(0).normal(size=(4, 3))
LABELS = np.array([0, 2, 1, 1])


def leaky(x: Any) -> Any:
    a = x * 1.0
    a[a < 0] *= 0.01
    b = x + 0.0
    b[b > 0.2] = 2 * b[b > 0.2] - 1
    b[b < -1] = -1
    return np.sum(a**2) + np.sum(b**3)


def elu(x: Any) -> Any:
    a = x * 1.0
    a[a < 0] = np.exp(a[a < 0]) - 1
    return np.sum(a**2)


def largest_class(z: Any, y: Any) -> Any:
    total = 0.0
    for k in range(y.max() + 1):
        total = total + np.sum(z[:, k] ** 2)
    return total


def rows_of_a_class(z: Any, y: Any) -> Any:
    total = 0.0
    for n in range(len(y)):
        if y[n] == 1:
            total = total + np.sum(z[n] ** 2)
    return total


def test_a_masked_write_of_a_multiple_is_recorded_once() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        agrees(leaky, X)
    assert "np.where" in rg.grad(leaky).source(X)


def test_what_a_mask_leaves_out_is_not_computed() -> None:
    with pytest.warns(rg.RecordedAtEveryCall):
        gradient = rg.grad(elu)(np.array([1e4, -1.0, 2.0]))
    np.testing.assert_allclose(gradient[0], 2e4)
    assert np.all(np.isfinite(gradient))


def test_a_mask_that_decides_a_shape_is_right_at_every_call_and_said_once() -> None:
    gradient = rg.grad(lambda x: x[x > 0].mean())
    with pytest.warns(rg.RecordedAtEveryCall) as said:
        for x in (np.array([1.0, -1, 2]), np.array([1.0, 1, 2]), np.array([-1.0, -1, 2])):
            np.testing.assert_allclose(gradient(x), (x > 0) / np.sum(x > 0))
    assert len(said) == 1


@pytest.mark.parametrize("f", [largest_class, rows_of_a_class])
def test_labels_that_decide_are_never_stale(f: Any) -> None:
    gradient = rg.grad(f)
    with pytest.warns(rg.RecordedAtEveryCall) as said:
        for y in (LABELS, np.array([1, 1, 0, 0]), np.array([0, 0, 0, 1])):
            expected = rg.grad(lambda z, y=y: f(z, y))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                numeric = expected(X)
            np.testing.assert_allclose(gradient(X, y), numeric)
            numeric = np.zeros_like(X)
            for i in np.ndindex(X.shape):
                h = np.zeros_like(X)
                h[i] = 1e-5
                numeric[i] = (f(X + h, y) - f(X - h, y)) / 2e-5
            np.testing.assert_allclose(gradient(X, y), numeric, atol=1e-8)
    assert len(said) == 1


def test_the_text_refuses_other_labels_and_other_masks() -> None:
    namespace: dict[str, Any] = {}
    exec(rg.grad(largest_class).source(X, LABELS), namespace)
    namespace["grad_of_largest_class"](X, LABELS[::-1])
    with pytest.raises(ValueError, match="this was written for"):
        namespace["grad_of_largest_class"](X, np.array([0, 1, 1, 0]))
    exec(rg.grad(elu).source(X), namespace)
    with pytest.raises(ValueError, match="this was written for"):
        namespace["grad_of_elu"](np.abs(X))


def test_data_that_no_gradient_is_taken_of_may_decide() -> None:
    def f(x: Any, seen: Any) -> Any:
        return np.sum(x**2) if seen.sum() > 0 else np.sum(x**3)

    gradient = rg.grad(f)
    with pytest.warns(rg.RecordedAtEveryCall):
        np.testing.assert_allclose(gradient(X, np.ones(2)), 2 * X)
        np.testing.assert_allclose(gradient(X, -np.ones(2)), 3 * X**2)
    with pytest.raises(rg.RetrogradError, match="RG403"):
        rg.grad(f, "seen")(X, np.ones(2))


def test_a_ten_percent_branch_is_right_in_each_call() -> None:
    rng = np.random.default_rng(0)

    def f(x: Any) -> Any:
        return np.sum(x**2) if rng.random() < 0.1 else np.sum(x)

    gradient = rg.grad(f)
    with pytest.warns(rg.RecordedAtEveryCall):
        found = [gradient(np.full(2, 3.0))[0] for _ in range(60)]
    assert set(found) == {1.0, 6.0}


def test_an_unused_mask_costs_nothing() -> None:
    def f(x: Any) -> Any:
        positive = x[x > 0]
        assert positive.ndim == 1
        return np.sum(x**2)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_allclose(rg.grad(f)(X), 2 * X)


def listed_first(x: Any, y: Any) -> Any:
    rows = np.nonzero(y)[0]
    weights = [1.0 + i for i in rows.tolist()]
    return np.sum(x[rows] ** 2) * weights[-1]


def test_an_array_that_was_read_as_a_list_is_checked_once() -> None:
    with pytest.warns(rg.RecordedAtEveryCall):
        step = rg.grad(listed_first)
        np.testing.assert_allclose(step(X, LABELS), 4 * 2 * X * (LABELS != 0)[:, None])
    assert step.source(X, LABELS).count("this was written for rows") == 1
    other = np.array([1, 0, 2, 0])
    np.testing.assert_allclose(step(X, other), 3 * 2 * X * (other != 0)[:, None])
