"""Oracles that share no formula with the library: JAX, and differences of the forward function."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")


def central_differences(f: Callable[..., Any], args: Sequence[Any], g: Any, at: int) -> Any:
    """The gradient of sum(g * f(*args)) with respect to one argument, entry by entry.

    Two step sizes, combined so that the error is of fourth order (Richardson).
    """
    x = np.array(args[at], dtype=np.float64)
    result = np.zeros_like(x)

    def value(delta: Any) -> Any:
        moved = list(args)
        moved[at] = x + delta
        with np.errstate(all="ignore"):
            return float(np.sum(g * f(*moved)))

    for index in np.ndindex(x.shape):
        unit = np.zeros_like(x)
        unit[index] = 1.0
        coarse, fine = ((value(h * unit) - value(-h * unit)) / (2 * h) for h in (1e-3, 5e-4))
        result[index] = (4 * fine - coarse) / 3
    return result


def jax_vjp(f: Callable[..., Any], args: Sequence[Any], g: Any, at: Sequence[int]) -> list[Any]:
    """JAX's gradients of sum(g * f(*args)) with respect to some arguments."""
    chosen = [np.asarray(args[i], dtype=np.float64) for i in at]

    def of_chosen(*values: Any) -> Any:
        full = list(args)
        for i, value in zip(at, values, strict=True):
            full[i] = value
        return f(*full)

    _, pullback = jax.vjp(of_chosen, *chosen)
    return [np.asarray(d) for d in pullback(jax.numpy.asarray(g))]


def agrees(f: Callable[..., Any], *args: Any, wrt: Sequence[int] | None = None) -> None:
    """Assert that a gradient is right: the value, the numbers, the text alone, a second call.

    Args:
        f: NumPy code that returns a scalar.
        args: its arguments; arrays and floats are differentiated.
        wrt: which of them, where not all.
    """
    import retrograd as rg

    floats = [i for i, a in enumerate(args) if np.asarray(a).dtype.kind == "f"]
    wrt = floats if wrt is None else list(wrt)
    before = copy.deepcopy(args)
    gradient = rg.value_and_grad(f, wrt=wrt)
    shifted = tuple(
        a + 0.01 if np.asarray(a).dtype.kind == "f" else copy.deepcopy(a) for a in before
    )
    for given in (args, shifted):
        expected = f(*copy.deepcopy(given))
        value, found = gradient(*given)
        np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-12)
        for at, d in zip(wrt, found, strict=True):
            clean = lambda *a: f(*copy.deepcopy(a))  # noqa: E731
            numeric = central_differences(clean, list(given), 1.0, at)
            assert np.shape(d) == np.shape(given[at])
            np.testing.assert_allclose(d, numeric, rtol=1e-6, atol=1e-6)
    for one, other in zip(args, before, strict=True):
        np.testing.assert_equal(one, other)  # the caller's arrays are as they were
    source = gradient.source(*args)
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    alone = [v for k, v in namespace.items() if callable(v) and not k.startswith("_")][-1]
    if "*, " not in source:
        value, _ = alone(*copy.deepcopy(args))
        np.testing.assert_allclose(value, f(*copy.deepcopy(args)), rtol=1e-12, atol=1e-12)
