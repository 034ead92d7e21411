"""Activations: the whole range of their dtype, their kinks, and their text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812

import retrograd as rg
from retrograd import activations

ELEMENTWISE: dict[str, Callable[..., Any]] = {
    "relu": F.relu,
    "relu6": F.relu6,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "celu": F.celu,
    "selu": F.selu,
    "gelu": F.gelu,
    "silu": F.silu,
    "softplus": lambda x: F.softplus(x, threshold=800),
    "softsign": F.softsign,
    "mish": F.mish,
    "hardsigmoid": F.hardsigmoid,
    "hardswish": F.hardswish,
    "hardtanh": F.hardtanh,
    "tanhshrink": F.tanhshrink,
    "logsigmoid": F.logsigmoid,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
}
ALONG_AN_AXIS: dict[str, Callable[..., Any]] = {
    "softmax": F.softmax,
    "log_softmax": F.log_softmax,
    "softmin": F.softmin,
}
GRID = np.concatenate([-np.logspace(4, -3, 60), np.logspace(-3, 4, 60)])


def slope(f: Callable[..., Any], z: Any) -> Any:
    return rg.grad(lambda z: np.sum(f(z)))(z)


def test_all_are_listed_here() -> None:
    others = {"glu", "prelu"}
    assert set(activations.__all__) == set(ELEMENTWISE) | set(ALONG_AN_AXIS) | others


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_values_and_slopes_from_minus_1e4_to_1e4(name: str) -> None:
    f = getattr(activations, name)
    z = torch.tensor(GRID, requires_grad=True)
    expected = ELEMENTWISE[name](z)
    (expected_slope,) = torch.autograd.grad(expected.sum(), z)
    np.testing.assert_allclose(f(GRID), expected.detach(), rtol=1e-12, atol=1e-15)
    digits = 5e-8 if name == "hardsigmoid" else 1e-9  # PyTorch's slope is 1/6 in float32
    np.testing.assert_allclose(slope(f, GRID), expected_slope, rtol=digits, atol=1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_no_warning_and_nothing_infinite_over_the_whole_range(name: str, dtype: Any) -> None:
    f = getattr(activations, name)
    largest = float(np.finfo(dtype).max) / 4
    z = np.array([-largest, -1e18, -90.0, -1e-30, 0.0, 1e-30, 90.0, 1e18, largest], dtype=dtype)
    with np.errstate(under="ignore"):
        value, d = f(z), slope(f, z)
    assert value.dtype == d.dtype == dtype
    assert np.isfinite(value).all()
    assert np.isfinite(d).all()


@pytest.mark.parametrize("name", ALONG_AN_AXIS)
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_shares_of_large_and_masked_logits(name: str, axis: int) -> None:
    rng = np.random.default_rng(0)
    logits = rng.uniform(-1e4, 1e4, size=(5, 4))
    weights = rng.normal(size=(5, 4))
    sign = -1 if name == "softmin" else 1
    f = getattr(activations, name)
    for masked in (False, True):
        z = logits.copy()
        if masked:
            z[2, 1] = sign * -np.inf
        finite = np.isfinite(z) if name == "log_softmax" else np.ones(z.shape, dtype=bool)
        theirs = torch.tensor(z, requires_grad=True)
        expected = ALONG_AN_AXIS[name](theirs, dim=axis)
        np.testing.assert_allclose(f(z, axis=axis), expected.detach(), rtol=1e-12)
        chosen = expected[torch.as_tensor(finite)] * torch.as_tensor(weights[finite])
        (e,) = torch.autograd.grad(chosen.sum(), theirs)
        w = np.where(finite, weights, 0)

        def loss(z: Any, w: Any) -> Any:
            return np.sum(np.where(w != 0, w * f(z, axis=axis), 0))

        with np.errstate(invalid="ignore"):
            d = rg.grad(loss, wrt="z")(z, w)
        assert np.isfinite(d).all()
        np.testing.assert_allclose(d, np.nan_to_num(e.numpy()), rtol=1e-9, atol=1e-12)


def test_empty_arrays_and_numbers() -> None:
    assert activations.softmax(np.zeros((3, 0))).shape == (3, 0)
    assert activations.log_softmax(np.zeros((0, 3))).shape == (0, 3)
    assert activations.softmax(np.array(2.0), axis=0) == 1.0


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_the_slope_at_kinks_is_the_one_in_the_docstring(name: str) -> None:
    kinks = {
        "relu": {0.0: 0.0},
        "relu6": {0.0: 0.0, 6.0: 0.0},
        "leaky_relu": {0.0: 0.01},
        "elu": {0.0: 1.0},
        "celu": {0.0: 1.0},
        "selu": {0.0: 1.0507009873554805 * 1.6732632423543772},
        "hardtanh": {-1.0: 0.0, 1.0: 0.0},
        "hardsigmoid": {-3.0: 0.0, 3.0: 0.0},
        "hardswish": {-3.0: 0.0, 3.0: 1.0},
    }
    for z, expected in kinks.get(name, {}).items():
        (found,) = slope(getattr(activations, name), np.array([z]))
        assert found == pytest.approx(expected)


@pytest.mark.parametrize("name", activations.__all__)
def test_the_text_needs_only_numpy(name: str) -> None:
    f = getattr(activations, name)
    extra = (np.array([0.1, 0.2, 0.3, 0.4]),) if name == "prelu" else ()
    gradient = rg.value_and_grad(lambda z, *extra: np.sum(f(z, *extra) ** 2), wrt=0)
    z = np.random.default_rng(1).normal(size=(3, 4))
    source = gradient.source(z, *extra)
    imports = [line for line in source.splitlines() if "import" in line]
    assert set(imports) <= {"import numpy as np", "import math"}
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    (alone,) = (v for k, v in namespace.items() if k.startswith("value_and_grad"))
    for a, b in zip(alone(z, *extra), gradient(z, *extra), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda z: activations.glu(z[:, :3]), "RG107"),
        (lambda z: activations.prelu(z, np.ones(3)), "RG107"),
        (lambda z: activations.prelu(z, np.ones((2, 2))), "RG107"),
        (lambda z: activations.celu(z, 0), "RG601"),
        (lambda z: activations.softplus(z, 0), "RG601"),
        (lambda z: activations.gelu(z, "sigmoid"), "RG601"),
        (lambda z: activations.hardtanh(z, 1, -1), "RG601"),
    ],
)
def test_bad_arguments_are_refused_with_a_code(call: Any, code: str) -> None:
    with pytest.raises(rg.RetrogradError, match=code):
        call(np.zeros((2, 4)))
    with pytest.raises(rg.RetrogradError, match=code):
        rg.grad(lambda z: np.sum(call(z)))(np.zeros((2, 4)))
