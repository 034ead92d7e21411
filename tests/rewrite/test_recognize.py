"""Softmax and cross-entropy in the spellings that people use; look-alikes are left alone."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

import retrograd as rg
from oracles import central_differences, jax_vjp

Z = np.random.default_rng(0).normal(size=(5, 3))
Y = np.random.default_rng(1).dirichlet(np.ones(3), size=5)
LABELS = np.array([0, 2, 1, 1, 0])

SPELLINGS = {
    "row maximum": lambda z: (
        np.exp(z - z.max(axis=1, keepdims=True))
        / np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)
    ),
    "no shift": lambda z: np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True),
    "global maximum": lambda z: (
        np.exp(z - np.max(z)) / np.exp(z - np.max(z)).sum(axis=-1, keepdims=True)
    ),
    "maximum with a new axis": lambda z: (
        np.exp(z - z.max(1)[:, None]) / np.exp(z - z.max(1)[:, None]).sum(1)[:, None]
    ),
    "reshape": lambda z: np.exp(z) / np.exp(z).sum(axis=1).reshape(-1, 1),
    "expand_dims": lambda z: np.exp(z) / np.expand_dims(np.exp(z).sum(1), 1),
    "times a reciprocal": lambda z: np.exp(z) * (1 / np.exp(z).sum(axis=1, keepdims=True)),
    "power of minus one": lambda z: np.exp(z) * np.exp(z).sum(axis=1, keepdims=True) ** -1,
    "transposed": lambda z: (np.exp(z).T / np.exp(z).T.sum(axis=0)).T,
    "exp of a difference": lambda z: np.exp(z - np.log(np.exp(z).sum(axis=1, keepdims=True))),
    "mean shift": lambda z: (
        np.exp(z - z.mean(axis=1, keepdims=True))
        / np.exp(z - z.mean(axis=1, keepdims=True)).sum(axis=1, keepdims=True)
    ),
}

LOOK_ALIKES = {
    "another axis in the sum of exp of another array": lambda z: (
        np.exp(z) / np.exp(2 * z).sum(axis=1, keepdims=True)
    ),
    "an epsilon in the sum": lambda z: np.exp(z) / (np.exp(z).sum(axis=1, keepdims=True) + 1e-3),
    "a factor": lambda z: 2 * np.exp(z) / np.exp(z).sum(axis=1, keepdims=True),
    "shifts that differ": lambda z: np.exp(z - 1.0) / np.exp(z).sum(axis=1, keepdims=True),
    "no exp": lambda z: np.abs(z) / np.abs(z).sum(axis=1, keepdims=True),
    "squares": lambda z: z**2 / (z**2).sum(axis=1, keepdims=True),
    "copies counted": lambda z: (
        np.exp(z[:1]) / np.broadcast_to(np.exp(z[:1]), (4, 3)).sum(axis=(0, 1))
    ),
    "exp of a square": lambda z: np.exp(z**2) / np.exp(z).sum(axis=1, keepdims=True),
}


def ops(f: Any, *args: Any) -> list[str]:
    """The operations between the recording and the writing."""
    from retrograd.recorded import signature_of
    from retrograd.rewrite import merge, recognize
    from retrograd.trace import trace

    program = trace(f, signature_of(f), signature_of(f).bind(*args).arguments).program
    return [s.op.name for s in recognize(merge(program)).steps]


@pytest.mark.parametrize("name", SPELLINGS)
def test_softmax_is_recognized_and_its_gradient_is_right(name: str) -> None:
    softmax = SPELLINGS[name]
    assert "softmax" in ops(softmax, Z)
    g = np.random.default_rng(3).normal(size=Z.shape)
    (found,) = rg.vjp(softmax, Z)[1](g)
    (expected,) = jax_vjp(lambda z: jax.nn.softmax(z, axis=1), [Z], g, [0])
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_look_alikes_are_not_recognized_and_their_gradients_are_right(name: str) -> None:
    f = LOOK_ALIKES[name]
    assert "softmax" not in ops(f, Z)
    g = np.random.default_rng(3).normal(size=np.shape(f(Z)))
    out, pullback = rg.vjp(f, Z)
    np.testing.assert_allclose(out, f(Z), rtol=1e-14)
    np.testing.assert_allclose(
        pullback(g)[0], central_differences(f, [Z], g, 0), rtol=1e-7, atol=1e-8
    )


LOSSES = {
    "mean of sums": (lambda p: -np.mean(np.sum(Y * np.log(p), axis=1)), Y, 5),
    "sum over N": (lambda p: -np.sum(Y * np.log(p)) / len(p), Y, 5),
    "sum": (lambda p: -np.sum(Y * np.log(p)), Y, 1),
    "one over m": (lambda p: -1 / p.shape[0] * np.sum(Y * np.log(p)), Y, 5),
    "integer labels": (
        lambda p: -np.log(p[np.arange(len(p)), LABELS]).mean(),
        np.eye(3)[LABELS],
        5,
    ),
    "integer labels, log first": (
        lambda p: -np.sum(np.log(p)[np.arange(5), LABELS]) / 5,
        np.eye(3)[LABELS],
        5,
    ),
    "one-hot by eye": (
        lambda p: -np.sum(np.eye(3)[LABELS] * np.log(p)) / len(p),
        np.eye(3)[LABELS],
        5,
    ),
}


@pytest.mark.parametrize("loss_name", LOSSES)
@pytest.mark.parametrize("name", SPELLINGS)
@pytest.mark.parametrize("scale", [1.0, 1e4])
def test_cross_entropy_is_p_minus_y_also_for_large_logits(
    name: str, loss_name: str, scale: float
) -> None:
    loss, targets, count = LOSSES[loss_name]
    z = Z * scale
    p = np.asarray(jax.nn.softmax(z, axis=1))
    with np.errstate(all="ignore"):
        value, dz = rg.value_and_grad(lambda z: loss(SPELLINGS[name](z)))(z)
    np.testing.assert_allclose(dz, (p - targets) / count, rtol=1e-12, atol=1e-15)
    expected = -np.sum(targets * np.asarray(jax.nn.log_softmax(z, axis=1))) / count
    np.testing.assert_allclose(value, expected, rtol=1e-12)


@pytest.mark.parametrize("name", SPELLINGS)
def test_without_rewriting_softmax_keeps_its_full_jacobian(name: str) -> None:
    f = lambda z: -np.mean(np.sum(Y * np.log(SPELLINGS[name](z)), axis=1))  # noqa: E731
    dz = rg.grad(f, rewrite=False)(Z)
    np.testing.assert_allclose(dz.sum(axis=1), 0, atol=1e-15)
    np.testing.assert_allclose(dz, rg.grad(f)(Z), rtol=1e-12, atol=1e-15)


def test_labels_that_do_not_sum_to_one_get_the_true_gradient() -> None:
    weights = np.random.default_rng(2).uniform(0, 2, size=(5, 3))
    p = np.asarray(jax.nn.softmax(Z, axis=1))
    softmax = SPELLINGS["row maximum"]
    dz = rg.grad(lambda z: -np.sum(weights * np.log(softmax(z))) / 5)(Z)
    np.testing.assert_allclose(dz, (p * weights.sum(1, keepdims=True) - weights) / 5, rtol=1e-12)


def test_log_with_an_epsilon_is_another_function() -> None:
    softmax = SPELLINGS["row maximum"]
    f = lambda z: -np.mean(np.sum(Y * np.log(softmax(z) + 1e-2), axis=1))  # noqa: E731
    assert "log_softmax" not in ops(f, Z)
    numeric = central_differences(f, [Z], 1.0, 0)
    np.testing.assert_allclose(rg.grad(f)(Z), numeric, rtol=1e-7, atol=1e-9)


def test_a_logarithm_of_negative_numbers_is_not_taken_apart() -> None:
    def f(x: Any) -> Any:
        half = 0.5 * np.log(x**2)
        q = x / x.sum()
        return np.sum(q * np.arange(3)), half.sum()

    x = np.array([-1.0, 2.0, 3.0])
    (value, _), gradient = rg.value_and_grad(f, has_aux=True)(x)
    assert value == 2.0
    numeric = central_differences(lambda x: f(x)[0], [x], 1.0, 0)
    np.testing.assert_allclose(gradient, numeric, rtol=1e-8, atol=1e-10)
    x = np.array([0.0, 1.0, 2.0])

    def g(z: Any) -> Any:
        lz = np.log(z)
        p = z / z.sum()
        return np.sum(p**2), lz

    with np.errstate(divide="ignore"):
        found, _ = rg.grad(g, has_aux=True)(x)
    numeric = central_differences(lambda x: g(x)[0], [x], 1.0, 0)
    np.testing.assert_allclose(found, numeric, rtol=1e-7, atol=1e-10)


def test_softmax_of_a_vector_and_of_a_batch_of_matrices() -> None:
    def vector(z: Any) -> Any:
        e = np.exp(z - np.max(z))
        return e / np.sum(e)

    z = Z[0]
    assert "softmax" in ops(vector, z)
    (dz,) = rg.vjp(vector, z)[1](np.array([1.0, -2.0, 0.5]))
    assert abs(dz.sum()) < 1e-15

    def attention(s: Any) -> Any:
        e = np.exp(s - s.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)

    s = np.random.default_rng(0).normal(size=(2, 3, 4))
    assert "softmax" in ops(attention, s)
    (ds,) = rg.vjp(attention, s)[1](np.random.default_rng(1).normal(size=s.shape))
    np.testing.assert_allclose(ds.sum(axis=-1), 0, atol=1e-15)


def s(z: Any) -> Any:
    return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)


U = np.array([[0, 3, 9]] * 5, dtype=np.uint8)
M = np.array([[True, False, True]] * 5)
W = np.random.default_rng(4).normal(size=(5, 3))

SIGNS_AND_INTEGERS = {
    "a sign": lambda z: np.sum(s(z) * W / np.sqrt(W**2) * Y),
    "a sign of rows": lambda z: np.sum(s(z) * (W[:, :1] / np.sqrt(W[:, :1] ** 2)) * Y),
    "root of a square": lambda z: np.sum(((W * np.exp(z)) ** 2) ** 0.5 / np.exp(z).sum(1)[:, None]),
    "norm of rows": lambda z: np.sum(
        W[:, :1] * np.exp(z) / np.sqrt((W[:, :1] * np.exp(z)).sum(1, keepdims=True) ** 2) * Y
    ),
    "unsigned numbers wrap": lambda z: np.sum(s(z + (U - np.uint8(5))) * Y) + np.sum(z + U),
    "truth values add up to one": lambda z: np.sum(
        np.exp(z + 2 * M) / np.exp(z + (M + M)).sum(axis=1, keepdims=True) * Y
    ),
}


@pytest.mark.parametrize("name", SIGNS_AND_INTEGERS)
def test_signs_and_whole_numbers_are_not_lost(name: str) -> None:
    f = SIGNS_AND_INTEGERS[name]
    for rewrite in (True, False):
        value, gradient = rg.value_and_grad(f, rewrite=rewrite)(Z)
        np.testing.assert_allclose(value, f(Z), rtol=1e-13)
        np.testing.assert_allclose(gradient, central_differences(f, [Z], 1.0, 0), atol=1e-8)
