"""Losses: values and gradients against JAX, and what they refuse."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import retrograd as rg
from retrograd.losses import cross_entropy, mse

RNG = np.random.default_rng(0)
LABELS = np.array([0, 2, 1, 1])
SOFT = RNG.dirichlet(np.ones(3), size=4)


def reference(z: Any, y: Any) -> Any:
    log_p = jax.nn.log_softmax(z, axis=1)
    targets = jnp.eye(3)[y] if y.ndim == 1 else y
    return -jnp.sum(targets * log_p) / len(z)


@pytest.mark.parametrize("scale", [1.0, 100.0, 1e4])
@pytest.mark.parametrize("y", [LABELS, np.eye(3)[LABELS], SOFT], ids=["integer", "one-hot", "soft"])
def test_cross_entropy(y: Any, scale: float) -> None:
    z = scale * RNG.normal(size=(4, 3))
    value, dz = rg.value_and_grad(cross_entropy)(z, y)
    assert value == pytest.approx(float(reference(z, y)), rel=1e-12)
    np.testing.assert_allclose(dz, jax.grad(reference)(z, y), rtol=1e-12, atol=1e-14)


def test_mse() -> None:
    p, y = RNG.normal(size=(4, 3)), RNG.normal(size=(4, 3))
    value, dp = rg.value_and_grad(mse)(p, y)
    assert value == pytest.approx(np.square(p - y).sum() / 12)
    np.testing.assert_allclose(dp, (p - y) / 6)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: cross_entropy(np.ones(3), LABELS), "RG107"),
        (lambda: cross_entropy(np.ones((4, 3)), LABELS[:3]), "RG107"),
        (lambda: cross_entropy(np.ones((4, 3)), np.ones((4, 2))), "RG107"),
        (lambda: cross_entropy(np.ones((4, 3)), LABELS.astype(float)), "RG201"),
        (lambda: rg.grad(cross_entropy)(np.ones((4, 3)), LABELS.astype(float)), "RG201"),
        (lambda: mse(np.ones((4, 1)), np.ones(4)), "RG107"),
        (lambda: rg.grad(mse)(np.ones((4, 1)), np.ones(4)), "RG107"),
    ],
)
def test_bad_input_has_a_code(call: Any, code: str) -> None:
    with pytest.raises(rg.RetrogradError) as caught:
        call()
    assert caught.value.code == code
