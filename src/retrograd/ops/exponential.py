"""Exponentials, logarithms and roots, and tanh."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from retrograd.ops.samples import binary, positive, unary
from retrograd.ops.table import op


@op(np.exp, elementwise=True, loop="exp({0})", letter="e", samples=unary())
def exp(g: Any, out: Any, x: Any) -> Any:
    """e**x: d_x = g * out."""
    return (g * out,)


@op(np.log, elementwise=True, samples=unary(positive))
def log(g: Any, out: Any, x: Any) -> Any:
    """The natural logarithm: d_x = g / x."""
    return (g / x,)


@op(np.logaddexp, elementwise=True, samples=binary())
def logaddexp(g: Any, out: Any, x: Any, y: Any) -> Any:
    """log(exp(x) + exp(y)): each gets its share, d_x = g * exp(x - out)."""
    return g * np.exp(x - out), g * np.exp(y - out)


@op(np.logaddexp2, elementwise=True, samples=binary())
def logaddexp2(g: Any, out: Any, x: Any, y: Any) -> Any:
    """log2(2**x + 2**y): each gets its share, d_x = g * 2**(x - out)."""
    return g * np.exp2(x - out), g * np.exp2(y - out)


@op(np.sqrt, elementwise=True, samples=unary(positive))
def sqrt(g: Any, out: Any, x: Any) -> Any:
    """The square root: d_x = g / (2 * out); inf at x = 0."""
    return (g / (2 * out),)


@op(np.tanh, elementwise=True, loop="tanh({0})", samples=unary())
def tanh(g: Any, out: Any, x: Any) -> Any:
    """The hyperbolic tangent: d_x = g * (1 - out**2), from the result.

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 4.5.73 and 4.5.17.
    """
    return (g * (1 - out**2),)


@op(np.exp2, elementwise=True, letter="e", samples=unary())
def exp2(g: Any, out: Any, x: Any) -> Any:
    """2**x: d_x = g * out * log(2)."""
    return (g * out * math.log(2),)


@op(np.expm1, elementwise=True, samples=unary())
def expm1(g: Any, out: Any, x: Any) -> Any:
    """e**x - 1, with all its digits near 0: d_x = g * (out + 1)."""
    return (g * (out + 1),)


@op(np.log1p, elementwise=True, samples=unary(positive))
def log1p(g: Any, out: Any, x: Any) -> Any:
    """log(1 + x), with all its digits near 0: d_x = g / (1 + x)."""
    return (g / (1 + x),)


@op(np.log2, elementwise=True, samples=unary(positive))
def log2(g: Any, out: Any, x: Any) -> Any:
    """The logarithm to base 2: d_x = g / (x * log(2))."""
    return (g / (x * math.log(2)),)


@op(np.log10, elementwise=True, samples=unary(positive))
def log10(g: Any, out: Any, x: Any) -> Any:
    """The logarithm to base 10: d_x = g / (x * log(10))."""
    return (g / (x * math.log(10)),)


@op(np.cbrt, elementwise=True, samples=unary())
def cbrt(g: Any, out: Any, x: Any) -> Any:
    """The cube root: d_x = g / (3 * out**2); inf at x = 0."""
    return (g / (3 * out**2),)
