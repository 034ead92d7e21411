"""The walker: factors, broadcasting, structures, second gradients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

import retrograd as rg
from oracles import central_differences

X = np.array([1.0, 2.0, 3.0])


@pytest.mark.parametrize("divisor", range(1, 40, 3))
@pytest.mark.parametrize("factor", range(1, 60, 7))
def test_constant_factors_keep_their_value(divisor: int, factor: int) -> None:
    gradient = rg.grad(lambda x: np.sum(x) / divisor * factor)(X)
    np.testing.assert_allclose(gradient, factor / divisor, rtol=1e-14)


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda x: np.sum(x * (1 / 3)) * 3, 1.0),
        (lambda x: np.sum(x) / len(x) * float(len(x)), 1.0),
        (lambda x: np.sum(x) / 0.0, np.inf),
        (lambda x: np.sum(x) * 1e308 * 10, np.inf),
        (lambda x: np.sum(x) * 0.0, 0.0),
        (lambda x: np.sum(x**0), 0.0),
        (lambda x: np.float64(2.0) * np.sum(x), 2.0),
    ],
)
def test_factors_at_the_edges(f: Any, expected: float) -> None:
    with np.errstate(divide="ignore", over="ignore"):
        np.testing.assert_allclose(rg.grad(f)(X), expected)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: 2 / x,
        lambda x: x / (x + 1),
        lambda x: x**-1,
        lambda x: x**0.5,
        lambda x: np.log(x) * 3,
        lambda x: x * x + 1 / x**2,
        lambda x: np.maximum(x, 0.5),
    ],
)
def test_python_floats_are_arguments(f: Any) -> None:
    step = 1e-6
    numeric = (f(0.7 + step) - f(0.7 - step)) / (2 * step)
    assert rg.grad(f)(0.7) == pytest.approx(numeric, rel=1e-7)


PROGRAMS = {
    "pooling": (lambda np: lambda x: np.sum(x.reshape(3, 2).mean(1) ** 2), (6,)),
    "all pairs": (lambda np: lambda x: np.sum((x[:, None] - x[None, :]) ** 2 * np.exp(x)), (5,)),
    "layer norm": (
        lambda np: (
            lambda x: np.sum(
                (
                    (x - x.mean(axis=1, keepdims=True))
                    / np.sqrt(
                        np.mean((x - x.mean(axis=1, keepdims=True)) ** 2, axis=1, keepdims=True)
                        + 1e-5
                    )
                )
                ** 3
            )
        ),
        (4, 5),
    ),
    "attention": (
        lambda np: (
            lambda x: np.sum(
                np.matmul(np.exp(np.matmul(x, np.swapaxes(x, 1, 2)) / np.sqrt(x.shape[-1])), x) ** 2
            )
        ),
        (2, 3, 4),
    ),
    "power of a size": (lambda np: lambda x: np.sum(x ** x.shape[0]), (3, 2)),
    "log of a size": (lambda np: lambda x: np.sum(np.log(x.shape[0]) * x**2), (3, 2)),
    "squeeze after expand": (
        lambda np: lambda x: np.sum(np.sum(np.squeeze(x[:, :, None]), axis=(0, 1, 2)) ** 2),
        (2, 3, 4),
    ),
    "reuse": (lambda np: lambda x: np.sum(x * x * x) + np.sum(np.tanh(x) * x) + x[0], (4,)),
    "reused rows": (lambda np: lambda x: np.sum(x[[0, 0, 2]] ** 2 * x[:3]), (4,)),
    "wrapping arange": (
        lambda np: lambda x: np.sum(x[np.arange(-2, 2)] * np.array([1.0, 2.0, 3.0, 4.0])),
        (2,),
    ),
    "ties": (lambda np: lambda x: np.max(np.concatenate([x, x])), (4,)),
    "mean of an axis pair": (lambda np: lambda x: np.sum(np.mean(x, axis=(0, -1)) ** 2), (2, 3, 4)),
    "whole key": (lambda np: lambda x: np.sum(x[()] ** 2), (3,)),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_agree_with_autograd_and_differences(name: str) -> None:
    make, shape = PROGRAMS[name]
    x = np.random.default_rng(1).uniform(0.5, 1.5, size=shape)
    found = rg.grad(make(np))(x)
    np.testing.assert_allclose(found, autograd.grad(make(anp))(x), rtol=1e-12, atol=1e-13)
    numeric = central_differences(make(np), [x], 1.0, 0)
    np.testing.assert_allclose(found, numeric, rtol=1e-7, atol=1e-7)


class Pair(NamedTuple):
    W: Any
    b: Any


@dataclass
class Parameters:
    W: Any
    b: Any
    name: str = "layer"


@pytest.mark.parametrize(
    "make",
    [
        lambda W, b: {"W": W, "b": b},
        lambda W, b: [W, [b]],
        lambda W, b: (W, {"inner": (b,)}),
        Pair,
        Parameters,
    ],
)
def test_a_gradient_has_the_structure_of_its_argument(make: Any) -> None:
    def arrays(p: Any) -> tuple[Any, Any]:
        if isinstance(p, dict):
            return p["W"], p["b"]
        if isinstance(p, list):
            return p[0], p[1][0]
        if isinstance(p, Pair | Parameters):
            return p.W, p.b
        return p[0], p[1]["inner"][0]

    def loss(p: Any, x: Any) -> Any:
        W, b = arrays(p)
        return np.mean((x @ W + b) ** 2)

    rng = np.random.default_rng(0)
    W, b, x = rng.normal(size=(3, 2)), rng.normal(size=2), rng.normal(size=(4, 3))
    step = rg.grad(loss)
    found = step(make(W, b), x)
    assert type(found) is type(make(W, b))
    dW, db = arrays(found)
    z = 2 * (x @ W + b) / 8
    np.testing.assert_allclose(dW, x.T @ z, rtol=1e-13)
    np.testing.assert_allclose(db, z.sum(axis=0), rtol=1e-13)
    namespace: dict[str, Any] = {}
    exec(step.source(make(W, b), x), namespace)
    np.testing.assert_array_equal(arrays(namespace["grad_of_loss"](make(W, b), x))[0], dW)


def test_wrt_is_a_name_a_position_or_a_list() -> None:
    def f(a: Any, b: Any) -> Any:
        return np.sum(a * b**2)

    args = (np.array([2.0]), np.array([3.0]))
    assert rg.grad(f)(*args).tolist() == [9.0]
    assert rg.grad(f, 1)(*args).tolist() == [12.0]
    assert rg.grad(f, "b")(*args).tolist() == [12.0]
    assert [g.tolist() for g in rg.grad(f, ["b", 0])(*args)] == [[12.0], [9.0]]
    assert rg.grad(f, -1)(a=args[0], b=args[1]).tolist() == [12.0]
    for wrong in (2, "c", 1.0):
        with pytest.raises(rg.RetrogradError, match="RG408"):
            rg.grad(f, wrong)(*args)  # type: ignore[arg-type]


def test_has_aux_and_stop_gradient() -> None:
    def f(x: Any) -> Any:
        y = rg.stop_gradient(x**2)
        return np.sum(x * y), {"y": y, "n": 3}

    (value, aux), gradient = rg.value_and_grad(f, has_aux=True)(X)
    assert value == 36 and aux["n"] == 3
    np.testing.assert_array_equal(aux["y"], X**2)
    np.testing.assert_array_equal(gradient, X**2)
    gradient, aux = rg.grad(f, has_aux=True)(X)
    np.testing.assert_array_equal(gradient, X**2)


def test_stop_gradient_holds_in_a_gradient_of_a_gradient() -> None:
    f = lambda y: np.sum(rg.stop_gradient(y) * y**2)  # noqa: E731
    np.testing.assert_allclose(rg.grad(lambda x: rg.grad(f)(x).sum())(X), 2 * X)
    g = lambda y: np.sum(rg.stop_gradient(y) * y)  # noqa: E731
    np.testing.assert_allclose(rg.grad(lambda x: rg.value_and_grad(g)(x)[0])(X), X)


def test_gradients_of_gradients() -> None:
    assert rg.grad(rg.grad(rg.grad(lambda x: x**4)))(2.0) == 48.0
    H = np.array([[2.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 4.0]])

    def quadratic(x: Any) -> Any:
        return 0.5 * x @ H @ x

    v = np.array([1.0, -1.0, 2.0])
    np.testing.assert_allclose(rg.grad(lambda x: rg.grad(quadratic)(x) @ v)(X), H @ v)


def test_a_value_of_the_outer_function_in_an_inner_gradient() -> None:
    def outer(x: Any) -> Any:
        return rg.grad(lambda w: np.sum(w**2 * x**3))(x).sum()  # sum of 2 x^4

    np.testing.assert_allclose(rg.grad(outer)(X), 8 * X**3)


def test_vjp_takes_any_result_and_gives_a_gradient_for_each_argument() -> None:
    def f(a: Any, n: Any, *rest: Any) -> Any:
        return {"u": a * rest[0], "v": [a.sum()]}

    out, pullback = rg.vjp(f, X, np.array([1, 2]), 2 * X)
    np.testing.assert_array_equal(out["u"], 2 * X**2)
    da, dn, dc = pullback({"u": np.ones(3), "v": [10.0]})
    np.testing.assert_allclose(da, 2 * X + 10)
    np.testing.assert_allclose(dc, X)
    assert dn is None
    with pytest.raises(rg.RetrogradError, match="RG104"):
        pullback({"u": np.ones(4), "v": [10.0]})
    assert rg.vjp(lambda g: g**2, X)[1](np.ones(3))[0].tolist() == [2.0, 4.0, 6.0]


def test_an_argument_that_does_not_reach_the_result_gets_zeros() -> None:
    _, db = rg.grad(lambda a, b: np.sum(a**2), [0, 1])(X, np.ones((2, 2), dtype=np.float32))
    assert db.shape == (2, 2) and db.dtype == np.float32 and not db.any()


def test_dtypes_are_kept() -> None:
    W, x = np.ones((3, 2), dtype=np.float32), np.ones((4, 3), dtype=np.float32)
    y = np.array([0, 1, 1, 0])

    def loss(W: Any, x: Any) -> Any:
        z = x @ W
        e = np.exp(z - z.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        return -np.log(p[np.arange(4), y]).mean() + 0.1 * np.sum(W**2)

    value, dW = rg.value_and_grad(loss)(W, x)
    assert dW.dtype == np.float32 and value.dtype == np.float32
    assert rg.grad(loss)(W, x.astype(np.float64)).dtype == np.float32


B = np.random.default_rng(7).normal(size=(4, 4, 4))
V = np.random.default_rng(8).normal(size=4)
M = np.random.default_rng(9).normal(size=(5, 3))

FOUND_BY_RANDOM_PROGRAMS = {
    "half of a size": (lambda x: np.sum(x) * (len(x) / 2), np.ones(3)),
    "half as a factor": (lambda x: 0.5 * len(x) * np.sum(x), np.ones(3)),
    "a size and a half": (lambda x: np.sum(x) * (len(x) + 0.5), np.ones(3)),
    "a fraction of a sum": (lambda x: np.sum(x**2) * ((len(x) + 1) / 2), np.ones(4)),
    "one over and half of": (lambda x: np.sum(x) * (1 / len(x) + len(x) / 2), np.ones(3)),
    "a sum times a vector": (lambda b: np.sum(np.sum(b, axis=1) * V), B),
    "a mean times a vector": (lambda b: np.sum(np.mean(b, axis=0) * V + V), B),
    "a sum over a row of many": (lambda b: np.sum(np.sum(b, axis=1) * V), B[:3]),
    "a bias of fewer rows": (lambda b: np.mean(M[1:] - b), V[:3]),
    "a number and a joint": (lambda t: np.mean(t - np.concatenate([M, M])), np.array(0.5)),
    "a column": (lambda w: np.mean(M[:, 1:] + w), np.ones((5, 1))),
    "a log of one probability": (
        lambda z: np.log((np.exp(z) / np.sum(np.exp(z)))[0]),
        V,
    ),
    "equal steps": (lambda e: np.mean(e * e) + 0 * np.mean(e * e), V),
    "a reduction of a number": (lambda w: np.sum(w * w.mean().sum(axis=0)), V),
    "transpose by a number": (lambda w: np.sum(w.transpose(-1) * w), V),
    "an axis on a number": (lambda r: r - r[None].mean() + r * r, np.array(0.7)),
    "minus itself": (lambda e: np.sum(e - e), V),
    "minus itself, a number": (lambda e: e - e, np.array(1.0)),
}


@pytest.mark.parametrize("name", FOUND_BY_RANDOM_PROGRAMS)
@pytest.mark.parametrize("rewrite", [True, False])
def test_what_random_programs_found(name: str, rewrite: bool) -> None:
    f, x = FOUND_BY_RANDOM_PROGRAMS[name]
    value, gradient = rg.value_and_grad(f, rewrite=rewrite)(x)
    np.testing.assert_allclose(value, f(x), rtol=1e-13, atol=1e-15)
    numeric = central_differences(f, [x], 1.0, 0)
    np.testing.assert_allclose(gradient, numeric, rtol=1e-7, atol=1e-8)


def test_results_that_are_merged_or_returned_twice() -> None:
    def aux(e: Any) -> Any:
        a = np.exp(e)
        return np.sum(a), np.sum(np.exp(e))

    (value, other), gradient = rg.value_and_grad(aux, has_aux=True)(X)
    assert value == other
    np.testing.assert_allclose(gradient, np.exp(X))
    ones = (np.ones(3), np.ones(3))
    for f in (
        lambda e: (np.exp(e), np.exp(e)),
        lambda e: (lambda y: (y, y))(np.exp(e)),
    ):
        np.testing.assert_allclose(rg.vjp(f, X)[1](ones)[0], 2 * np.exp(X))

    def picked(z: Any) -> Any:
        e = np.exp(z)
        p = e / e.sum(axis=1, keepdims=True)
        return np.log(p[np.arange(2), [0, 1]])

    Z = np.arange(6.0).reshape(2, 3)
    (dz,) = rg.vjp(picked, Z)[1](np.ones(2))
    np.testing.assert_allclose(dz, central_differences(picked, [Z], np.ones(2), 0), atol=1e-9)
