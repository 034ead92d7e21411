"""Oracles that share no formula with the library: JAX, and differences of the forward function."""

from __future__ import annotations

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
