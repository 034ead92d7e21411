"""exp, log, logaddexp, sqrt and tanh."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.ops.samples import binary, positive, unary
from retrograd.ops.table import op


@op(np.exp, elementwise=True, letter="e", samples=unary())
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


@op(np.sqrt, elementwise=True, samples=unary(positive))
def sqrt(g: Any, out: Any, x: Any) -> Any:
    """The square root: d_x = g / (2 * out); inf at x = 0."""
    return (g / (2 * out),)


@op(np.tanh, elementwise=True, samples=unary())
def tanh(g: Any, out: Any, x: Any) -> Any:
    """The hyperbolic tangent: d_x = g * (1 - out**2), from the result.

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 4.5.73 and 4.5.17.
    """
    return (g * (1 - out**2),)
