"""Log-softmax, logsumexp, sigmoid and binary cross-entropy as people write them; look-alikes."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special
from test_recognize import ops

import retrograd as rg
from oracles import central_differences, jax_vjp

Z = np.random.default_rng(0).normal(size=(5, 3))
V = np.random.default_rng(1).normal(size=7)
T = (np.random.default_rng(2).random(7) < 0.5) * 1.0
LABELS = np.array([0, 2, 1, 1, 0])
ONE_HOT = np.eye(3)[LABELS]

MORE_SOFTMAX = {
    "column layout": lambda z: columns(z.T).T,
    "einsum": lambda z: np.exp(z) / np.einsum("ij->i", np.exp(z))[:, None],
    "np.divide": lambda z: np.divide(np.exp(z), np.sum(np.exp(z), axis=1)[:, np.newaxis]),
    "add.reduce": lambda z: np.exp(z) / np.add.reduce(np.exp(z), axis=1, keepdims=True),
    "a constant shift": lambda z: np.exp(z - 3) / np.exp(z - 3).sum(axis=1, keepdims=True),
    "reciprocal": lambda z: np.exp(z) * np.reciprocal(np.exp(z).sum(axis=1, keepdims=True)),
    "transposed sum": lambda z: (np.exp(z).T / np.sum(np.exp(z), axis=1)).T,
    "in place": lambda z: in_place(z),
    "scipy": lambda z: scipy.special.softmax(z, axis=1),
    "rows one by one": lambda z: np.array([row(r) for r in z]),
    "log-sum-exp": lambda z: np.exp(z - z.max(1)[:, None] - np.log(
        np.exp(z - z.max(1)[:, None]).sum(1))[:, None]),
}  # fmt: skip


def columns(z: Any) -> Any:
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)


def row(z: Any) -> Any:
    e = np.exp(z - z.max())
    return e / np.sum(e)


def in_place(z: Any) -> Any:
    e = z - z.max(axis=1, keepdims=True)
    np.exp(e, out=e)
    e /= e.sum(axis=1, keepdims=True)
    return e


@pytest.mark.parametrize("name", MORE_SOFTMAX)
@pytest.mark.parametrize("scale", [1.0, 1e4])
def test_more_spellings_of_softmax(name: str, scale: float) -> None:
    softmax = MORE_SOFTMAX[name]
    assert "softmax" in ops(softmax, Z)
    z = Z * scale
    p = np.asarray(jax.nn.softmax(z, axis=1))
    with np.errstate(all="ignore"):
        dz = rg.grad(lambda z: -np.mean(np.log(softmax(z))[np.arange(5), LABELS]))(z)
    np.testing.assert_allclose(dz, (p - ONE_HOT) / 5, rtol=1e-12, atol=1e-15)


LOG_SOFTMAX = {
    "minus log of the sum": lambda z: z - np.log(np.exp(z).sum(axis=1, keepdims=True)),
    "with the maximum": lambda z: (
        z - z.max(1, keepdims=True)
        - np.log(np.exp(z - z.max(1, keepdims=True)).sum(1, keepdims=True))
    ),
    "minus logsumexp": lambda z: z - scipy.special.logsumexp(z, axis=1, keepdims=True),
    "scipy": lambda z: scipy.special.log_softmax(z, axis=1),
    "log of softmax": lambda z: np.log(np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)),
    "helper": lambda z: np.log(in_place(z)),
}  # fmt: skip

LOSSES = {
    "vdot": lambda lp: -np.vdot(ONE_HOT, lp) / len(lp),
    "trace": lambda lp: -np.trace(ONE_HOT.T @ lp) / 5,
    "einsum": lambda lp: -np.einsum("nc,nc->", ONE_HOT, lp) / 5,
    "einsum of rows": lambda lp: -np.einsum("nc,nc->n", ONE_HOT, lp).mean(),
    "range": lambda lp: -lp[range(5), LABELS].mean(),
    "take_along_axis": lambda lp: -np.take_along_axis(lp, LABELS[:, None], axis=1).mean(),
    "a loop": lambda lp: sum(-lp[n, LABELS[n]] for n in range(5)) / 5,
    "times -1/m": lambda lp: (-1 / lp.shape[0]) * np.sum(np.multiply(ONE_HOT, lp)),
    "average": lambda lp: np.average(-np.sum(ONE_HOT * lp, axis=1)),
}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", LOG_SOFTMAX)
@pytest.mark.parametrize("scale", [1.0, 1e4])
def test_log_softmax_and_the_loss_after_it(name: str, loss: str, scale: float) -> None:
    assert "log_softmax" in ops(LOG_SOFTMAX[name], Z)
    z = Z * scale
    p = np.asarray(jax.nn.softmax(z, axis=1))
    with np.errstate(all="ignore"):
        value, dz = rg.value_and_grad(lambda z: LOSSES[loss](LOG_SOFTMAX[name](z)))(z)
    np.testing.assert_allclose(dz, (p - ONE_HOT) / 5, rtol=1e-12, atol=1e-15)
    expected = -np.sum(ONE_HOT * np.asarray(jax.nn.log_softmax(z, axis=1))) / 5
    np.testing.assert_allclose(value, expected, rtol=1e-12)


LOGSUMEXP = {
    "plain": (lambda z: np.log(np.sum(np.exp(z), axis=1)), {"axis": 1}),
    "of all": (lambda z: np.log(np.exp(z).sum()), {}),
    "with the maximum": (
        lambda z: z.max(axis=1) + np.log(np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1)),
        {"axis": 1},
    ),
    "with keepdims": (
        lambda z: np.log(np.exp(z - 2).sum(0, keepdims=True)) + 2,
        {"axis": 0, "keepdims": True},
    ),
}


@pytest.mark.parametrize("name", LOGSUMEXP)
@pytest.mark.parametrize("scale", [1.0, 1e4])
def test_logsumexp(name: str, scale: float) -> None:
    f, how = LOGSUMEXP[name]
    assert "logsumexp" in ops(f, Z)
    z = Z * scale
    with np.errstate(all="ignore"):
        out, pullback = rg.vjp(f, z)
        (found,) = pullback(np.ones_like(out) if np.ndim(out) else 1.0)
    np.testing.assert_allclose(out, jax.nn.logsumexp(z, **how), rtol=1e-12)
    expected = jax.grad(lambda z: jax.nn.logsumexp(z, **how).sum())(z)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


SIGMOID = {
    "one over": lambda z: 1 / (1 + np.exp(-z)),
    "1. over": lambda z: 1.0 / (1.0 + np.exp(-1 * z)),
    "a quotient of exps": lambda z: np.exp(z) / (1 + np.exp(z)),
    "the sum the other way around": lambda z: np.exp(z) / (np.exp(z) + 1),
    "a power": lambda z: (1 + np.exp(-z)) ** -1,
    "np.reciprocal": lambda z: np.reciprocal(1 + np.exp(-z)),
    "tanh": lambda z: 0.5 * (1 + np.tanh(z / 2)),
    "tanh, divided": lambda z: (np.tanh(0.5 * z) + 1) / 2,
    "where": lambda z: np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z))),
    "scipy": scipy.special.expit,
    "exp of a logarithm": lambda z: np.exp(-np.log(1 + np.exp(-z))),
    "exp of logaddexp": lambda z: np.exp(-np.logaddexp(0, -z)),
    "np.divide": lambda z: np.divide(1, np.add(1, np.exp(np.negative(z)))),
}


@pytest.mark.parametrize("name", SIGMOID)
@pytest.mark.parametrize("scale", [1.0, 1e4])
def test_sigmoid(name: str, scale: float) -> None:
    f = SIGMOID[name]
    assert "sigmoid" in ops(f, V)
    z = V * scale
    with np.errstate(all="ignore"):
        out, pullback = rg.vjp(f, z)
        (found,) = pullback(np.ones(7))
    np.testing.assert_allclose(out, jax.nn.sigmoid(z), rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(found, jax_vjp(jax.nn.sigmoid, [z], np.ones(7), [0])[0], atol=1e-15)


BINARY = {
    "mean": lambda p: -np.mean(T * np.log(p) + (1 - T) * np.log(1 - p)),
    "two minuses": lambda p: np.sum(-T * np.log(p) - (1 - T) * np.log(1 - p)) / 7,
    "two sums": lambda p: -(np.sum(T * np.log(p)) + np.sum((1 - T) * np.log(1 - p))) / 7,
    "two dots": lambda p: -(np.dot(T, np.log(p)) + np.dot(1 - T, np.log(1 - p))) / 7,
    "np.multiply": lambda p: (-1 / 7) * np.sum(
        np.multiply(T, np.log(p)) + np.multiply(1 - T, np.log(1 - p))),
    "log1p": lambda p: -np.mean(T * np.log(p) + (1 - T) * np.log1p(-p)),
    "the other class first": lambda p: -np.mean((1 - T) * np.log(1 - p) + np.log(p) * T),
    "rows": lambda p: binary_rows(p),
}  # fmt: skip


def binary_rows(p: Any) -> Any:
    """Andrew Ng's cost: (1, m) arrays and dots."""
    A, Y = p.reshape(1, -1), T.reshape(1, -1)
    m = Y.shape[1]
    cost = -1 / m * (np.dot(Y, np.log(A).T) + np.dot(1 - Y, np.log(1 - A).T))
    return np.squeeze(cost)


@pytest.mark.parametrize("loss", BINARY)
@pytest.mark.parametrize("name", SIGMOID)
@pytest.mark.parametrize("scale", [1.0, 1e4])
def test_binary_cross_entropy_is_p_minus_y(name: str, loss: str, scale: float) -> None:
    z = V * scale
    p = np.asarray(jax.nn.sigmoid(z))
    with np.errstate(all="ignore"):
        value, dz = rg.value_and_grad(lambda z: BINARY[loss](SIGMOID[name](z)))(z)
    np.testing.assert_allclose(dz, (p - T) / 7, rtol=1e-12, atol=1e-15)
    expected = jnp.mean(jnp.logaddexp(0, z) - T * z)
    np.testing.assert_allclose(value, expected, rtol=1e-9, atol=1e-12)


def test_the_text_says_p_minus_y() -> None:
    def loss(w: Any, X: Any, t: Any) -> Any:
        p = 1 / (1 + np.exp(-(X @ w)))
        return -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))

    X = np.random.default_rng(0).normal(size=(7, 2))
    assert "(p - t) / N" in rg.value_and_grad(loss).source(np.ones(2), X, T)


OTHER_FUNCTIONS = {
    "an epsilon in the logarithm": lambda z: np.log(1 / (1 + np.exp(-z)) + 1e-3),
    "clipped": lambda z: np.log(np.clip(1 / (1 + np.exp(-z)), 1e-3, 1 - 1e-3)),
    "two in the sum": lambda z: 1 / (2 + np.exp(-z)),
    "twice the exponential": lambda z: 1 / (1 + 2 * np.exp(-z)),
    "minus": lambda z: 1 / (1 - np.exp(-np.abs(z) - 1)),
    "another numerator": lambda z: np.exp(2 * z) / (1 + np.exp(z)),
    "a square in the exponent": lambda z: 1 / (1 + np.exp(-(z**2))),
    "half of tanh": lambda z: 1 + np.tanh(z / 2),
    "tanh of all of it": lambda z: 0.5 * (1 + np.tanh(z)) * z,
    "different arguments": lambda z: np.exp(z) / (1 + np.exp(z[::-1])),
    "a where with other branches": lambda z: np.where(z > 0, 1 / (1 + np.exp(-z)), 0.1 * np.exp(z)),
    "log base 2": lambda z: np.log2(1 + np.exp(z)),
    "a weighted sum": lambda z: np.log(np.sum(np.arange(1, 8) * np.exp(z))),
    "the mean of exps": lambda z: np.log(np.mean(np.exp(z))),
    "a sum of two logarithms": lambda z: np.log(1 / (1 + np.exp(-z))) + np.log(1 + np.exp(2 * z)),
    "other weights": lambda z: -np.mean(
        T * np.log(1 / (1 + np.exp(-z))) + 2 * (1 - T) * np.log(1 - 1 / (1 + np.exp(-z)))),
    "two different sigmoids": lambda z: -np.mean(
        T * np.log(1 / (1 + np.exp(-z))) + (1 - T) * np.log(1 - 1 / (1 + np.exp(-2 * z)))),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHER_FUNCTIONS)
def test_look_alikes_are_what_they_are(name: str) -> None:
    f = OTHER_FUNCTIONS[name]
    g = np.random.default_rng(3).normal(size=np.shape(f(V)))
    out, pullback = rg.vjp(f, V)
    np.testing.assert_allclose(out, f(V), rtol=1e-13)
    numeric = central_differences(f, [V], g, 0)
    np.testing.assert_allclose(
        pullback(g if g.shape else float(g))[0], numeric, rtol=1e-7, atol=1e-9
    )


NEVER = {
    "two in the sum": ("sigmoid", OTHER_FUNCTIONS["two in the sum"]),
    "twice the exponential": ("sigmoid", OTHER_FUNCTIONS["twice the exponential"]),
    "minus": ("sigmoid", OTHER_FUNCTIONS["minus"]),
    "half of tanh": ("sigmoid", OTHER_FUNCTIONS["half of tanh"]),
    "different arguments": ("sigmoid", OTHER_FUNCTIONS["different arguments"]),
    "an epsilon in the logarithm": ("log_sigmoid", OTHER_FUNCTIONS["an epsilon in the logarithm"]),
    "clipped": ("log_sigmoid", OTHER_FUNCTIONS["clipped"]),
    "a weighted sum": ("logsumexp", OTHER_FUNCTIONS["a weighted sum"]),
    "the mean of exps": ("logsumexp", OTHER_FUNCTIONS["the mean of exps"]),
    "log base 2": ("log_sigmoid", OTHER_FUNCTIONS["log base 2"]),
    "rows and columns of a square": (
        "softmax",
        lambda v: np.exp(np.outer(v, v)) / np.exp(np.outer(v, v)).sum(axis=1),
    ),
    "a masked sum": ("softmax", lambda v: np.exp(v) / np.sum(np.exp(v) * (v > 0))),
    "temperature on one side": ("softmax", lambda v: np.exp(v / 2) / np.sum(np.exp(v))),
    "half of the elements": ("softmax", lambda v: np.exp(v) / np.sum(np.exp(v[:3]))),
}


@pytest.mark.parametrize("name", NEVER)
def test_look_alikes_are_not_recognized(name: str) -> None:
    op, f = NEVER[name]
    assert op not in ops(f, V)


def test_a_logsumexp_of_what_is_masked_out() -> None:
    z = np.array([[-np.inf, -np.inf], [0, 1.0]])
    for f in (
        lambda z: np.maximum(scipy.special.logsumexp(z, axis=1), -5).sum(),
        lambda z: np.maximum(np.log(np.exp(z).sum(axis=1)), -5).sum(),
    ):
        with np.errstate(divide="ignore"):
            expected = f(z)
            value, dz = rg.value_and_grad(f)(z)
        np.testing.assert_allclose(value, expected)
        p = 1 / (1 + np.e)
        np.testing.assert_allclose(dz, [[0, 0], [p, 1 - p]], atol=1e-15)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int64, float])
def test_labels_of_small_integers_wrap_around_as_in_numpy(dtype: Any) -> None:
    y, z = np.array([0, 1, 2], dtype), np.array([0.3, -1.0, 2.0])
    f = lambda z: -np.sum(y * np.log(sigma(z)) + (1 - y) * np.log(1 - sigma(z)))  # noqa: E731
    value, dz = rg.value_and_grad(f)(z)
    np.testing.assert_allclose(value, f(z))
    np.testing.assert_allclose(dz, central_differences(f, [z], 1.0, 0), rtol=1e-7)


def sigma(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def test_there_are_as_many_as_promised() -> None:
    from test_recognize import LOOK_ALIKES, SPELLINGS

    spellings = [SPELLINGS, MORE_SOFTMAX, LOG_SOFTMAX, LOGSUMEXP, SIGMOID, BINARY, LOSSES]
    assert sum(map(len, spellings)) >= 40
    assert len(NEVER) + len(LOOK_ALIKES) >= 20
