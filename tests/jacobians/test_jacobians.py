"""jacobian, hessian and hvp against JAX; and differentiated again."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import retrograd as rg
from oracles import central_differences

R = np.random.default_rng(0)
X, W = R.normal(size=(5, 3)), R.normal(size=(3, 4))
LABELS = np.array([0, 1, 2, 3, 1])
V = R.normal(size=W.shape)


def softmax(z: Any) -> Any:
    e = np.exp(z - z.max())
    return e / e.sum()


def loss(W: Any, x: Any, y: Any) -> Any:
    z = x @ W
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -np.mean(log_p[np.arange(len(y)), y])


def loss_in_jax(W: Any, x: Any, y: Any) -> Any:
    return -jnp.mean(jax.nn.log_softmax(x @ W)[jnp.arange(len(y)), y])


def close(found: Any, expected: Any) -> None:
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


def test_the_jacobian_of_softmax_is_the_matrix_in_the_books() -> None:
    z = R.normal(size=4)
    p = softmax(z)
    close(rg.jacobian(softmax)(z), np.diag(p) - np.outer(p, p))


def test_several_arguments_and_several_results() -> None:
    def two(a: Any, b: Any) -> Any:
        return a @ b, a.sum() * b

    a, b = R.normal(size=(2, 3)), R.normal(size=(3, 2))
    found = rg.jacobian(two, [0, 1])(a, b)
    expected = jax.jacobian(lambda a, b: (a @ b, a.sum() * b), (0, 1))(a, b)
    for ours, theirs in zip(found, expected, strict=True):
        for one, other in zip(ours, theirs, strict=True):
            close(one, np.asarray(other))


def test_structures_numbers_and_names() -> None:
    found = rg.jacobian(lambda p: {"out": p["w"] ** 2 * p["c"]})({"w": np.ones(2), "c": 3.0})
    close(found["out"]["w"], np.diag([6.0, 6.0]))
    close(found["out"]["c"], np.ones(2))
    close(rg.jacobian(lambda x, w: x * w, "w")(X[0], X[1]), np.diag(X[0]))
    assert rg.jacobian(lambda x: x**2)(3.0) == 6.0
    assert rg.hessian(lambda x: x**3)(2.0) == 12.0
    assert rg.hvp(lambda x: x**3)(2.0, 10.0) == 120.0


def test_float32_stays() -> None:
    assert rg.jacobian(np.tanh)(np.ones(2, dtype=np.float32)).dtype == np.float32


def test_the_hessian_and_its_product_with_a_vector() -> None:
    hessian = rg.hessian(loss)(W, X, LABELS)
    close(hessian, np.asarray(jax.hessian(loss_in_jax)(W, X, LABELS)))
    close(rg.hvp(loss)(W, X, LABELS, V), np.einsum("abcd,cd", hessian, V))
    blocks = rg.hessian(lambda a, b: np.sum(a**2 * b), [0, 1])(X[0], X[1])
    close(blocks[0][1], np.diag(2 * X[0]))
    close(blocks[1][0], np.diag(2 * X[0]))
    ours = rg.hvp(lambda a, b: np.sum(a**2 * b), [0, 1])(X[0], X[1], (X[2], X[3]))
    close(ours[0], 2 * X[1] * X[2] + 2 * X[0] * X[3])


def test_they_can_be_differentiated_again() -> None:
    cases = [
        lambda W: np.sum(rg.hessian(loss)(W, X, LABELS) ** 2),
        lambda W: np.sum(rg.hvp(loss)(W, X, LABELS, V) ** 2),
        lambda W: np.sum(rg.jacobian(lambda W: softmax(W[:, 0]))(W) ** 2),
    ]
    for f in cases:
        numeric = central_differences(f, [W], 1.0, 0)
        np.testing.assert_allclose(rg.grad(f)(W), numeric, rtol=1e-6, atol=1e-8)
    close(
        rg.jacobian(rg.jacobian(softmax))(X[0]),
        np.asarray(jax.jacobian(jax.jacobian(jax.nn.softmax))(X[0])),
    )


def test_the_text_of_a_row_and_of_a_product() -> None:
    assert "def row_of_jacobian(x, *, g" in rg.jacobian(np.tanh).source(X[0]).replace(
        "(x, g", "(x, *, g"
    )
    assert "def hvp(" in rg.hvp(loss).source(W, X, LABELS, V)


def test_an_empty_result_has_no_jacobian() -> None:
    with pytest.raises(rg.RetrogradError, match="RG409"):
        rg.jacobian(lambda x: x[:0])(X[0])


STATE = {"X": np.random.default_rng(0).normal(size=(2, 3))}
GLOBAL = np.random.default_rng(1).normal(size=(2, 3))


def test_a_gradient_made_inside_reads_arrays_at_every_call() -> None:
    def inner(w: Any) -> Any:
        return np.mean(np.tanh(GLOBAL @ w) ** 2) + np.sum(STATE["X"] @ w)

    outer = rg.grad(lambda w: np.sum(rg.grad(inner)(w) ** 2))
    w = np.ones((3, 2))
    first = outer(w)
    np.testing.assert_array_equal(outer(w), first)
    kept = GLOBAL.copy()
    try:
        GLOBAL[...] = 2 * kept
        fresh = rg.grad(lambda w: np.sum(rg.grad(inner)(w) ** 2))(w)
        np.testing.assert_array_equal(outer(w), fresh)
        assert not np.array_equal(fresh, first)
    finally:
        GLOBAL[...] = kept
