"""check_grads: passes what is right, catches what is wrong, and refuses to say yes to nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import retrograd as rg
from retrograd.check.differences import slope
from retrograd.ops import op
from retrograd.ops.dispatch import recordable
from retrograd.ops.samples import normal, unary
from retrograd.ops.spelling import call as spelled

Z = np.random.default_rng(0).normal(size=(4, 3))


def softmax(z: Any) -> Any:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


RIGHT = {
    "an array": (softmax, (Z,)),
    "a number": (lambda x: x**3, (2.0,)),
    "float32": (lambda x: np.sum(x**2), (np.array([1, 2, 3], dtype=np.float32),)),
    "float32 inside": (lambda x: np.sum(x.astype(np.float32) ** 2), (np.array([1.0, 2, 3]),)),
    "steep": (lambda x: np.exp(300 * x).sum(), (np.array([1.0, 0.3]),)),
    "several results": (lambda x, y: (x @ y, np.sum(x) * y), (Z[:3], Z[0])),
    "a dict, and labels": (
        lambda p, y: -np.mean(np.log(softmax(p["z"]))[np.arange(4), y]) + np.sum(p["w"] ** 2),
        ({"z": Z, "w": Z[0]}, np.array([0, 1, 2, 0])),
    ),
    "tiny numbers": (lambda x: np.sum(1e-12 * np.sin(x)), (Z,)),
    "large numbers": (lambda x: np.sum(np.log(x)), (np.array([1e8, 2e8]),)),
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_passes(name: str) -> None:
    f, args = RIGHT[name]
    found = rg.check_grads(f, *args)
    assert found.ok and not found.kinks
    assert "agrees with differences" in str(found)


WRONG_BY = {
    "a factor": lambda g, x: g * np.cos(x) * 1.001,
    "a sign": lambda g, x: -g * np.cos(x),
    "one place": lambda g, x: g * np.cos(x) * (np.arange(np.size(x)).reshape(np.shape(x)) != 1),
    "another function": lambda g, x: g * np.sin(x),
}


@pytest.mark.parametrize("name", WRONG_BY)
def test_a_wrong_rule_is_caught(name: str) -> None:
    @recordable
    def sine(x: Any) -> Any:
        return np.sin(x)

    @op(sine, samples=unary(normal), spell=spelled("np.sin"))
    def planted(g: Any, out: Any, x: Any) -> Any:
        """A sine with a wrong rule."""
        return (WRONG_BY[name](g, x),)

    try:
        with pytest.raises(rg.RetrogradError, match="RG580") as caught:
            rg.check_grads(lambda x: sine(x) * 1.0, np.array([0.3, 1.2, -0.7]))
        assert isinstance(caught.value, AssertionError)
        assert "differences give" in str(caught.value)
    finally:
        from retrograd.ops import TABLE

        TABLE.remove("planted")


def test_kinks_are_said_and_not_cried_over() -> None:
    found = rg.check_grads(lambda x: np.maximum(x, 0), np.array([0.0, 1.0, -2.0, 1e-9]))
    assert [entry.index for entry in found.kinks] == [(0,), (3,)]
    assert "on the left" in str(found) and "dx[0]" in str(found)
    assert found.worst < 1e-9
    found = rg.check_grads(lambda x: np.abs(x) + x**2, np.array([0.0, 1.0]))
    assert [entry.index for entry in found.kinks] == [(0,)]
    found = rg.check_grads(lambda x: x.max(axis=1), np.array([[1.0, 1.0, 0.5], [1, 2, 3]]))
    assert [entry.index for entry in found.kinks] == [(0, 0), (0, 1)]


def test_a_wrong_slope_at_a_kink_is_no_excuse() -> None:
    f = lambda x: np.abs(x) + 2 * rg.stop_gradient(x)  # noqa: E731
    with pytest.raises(rg.RetrogradError, match="RG580"):
        rg.check_grads(f, np.array([0.0, 1.0]))


@pytest.mark.parametrize(
    "f",
    [
        lambda z: softmax(z).sum(),
        lambda z: np.mean(softmax(z)),
        lambda z: ((z - z.mean(0)) / z.std(0)).sum(),
        lambda z: np.sum(np.maximum(z - 100, 0)),
    ],
)
def test_a_check_that_would_pass_for_anything_is_refused(f: Any) -> None:
    with pytest.raises(rg.RetrogradError, match="RG581"):
        rg.check_grads(f, Z)


def test_random_functions_and_whole_numbers_are_refused() -> None:
    with pytest.raises(rg.RetrogradError, match="RG582"), pytest.warns(rg.RecordedAtEveryCall):
        rg.check_grads(lambda x: np.sum(np.random.rand(3) * x), np.ones(3))
    with pytest.raises(rg.RetrogradError, match="RG581"):
        rg.check_grads(lambda x: np.sum(x) * 1.0, np.array([1, 2]))


def test_zero_gradients_of_one_argument_are_said() -> None:
    found = rg.check_grads(lambda x, y: np.sum(x**2) + 0 * np.sum(y), Z, Z[0])
    assert found.zero == ("y",)
    assert "dy is zero throughout" in str(found)


def test_slopes_are_as_good_as_they_say() -> None:
    for f, exact in ((np.exp, 1.0), (np.sin, 1.0), (lambda t: 1 / (1 + t), -1.0)):
        found = slope(f, float(np.finfo(float).eps))
        assert abs(found.value - exact) <= 10 * found.error
        assert not found.kink
    assert slope(lambda t: abs(t), float(np.finfo(float).eps)).kink
