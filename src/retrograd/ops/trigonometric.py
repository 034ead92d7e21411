"""Trigonometric and hyperbolic functions and their inverses.

Sources of the derivatives: Abramowitz and Stegun, Handbook of Mathematical Functions, 4.3.105 to
4.3.110, 4.4.52 to 4.4.57, 4.5.71 to 4.5.73 and 4.6.37 to 4.6.42.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from retrograd.ops.samples import above_one, binary, call, fixed, inside, unary
from retrograd.ops.table import composed, op


@op(np.sin, elementwise=True, samples=unary())
def sin(g: Any, out: Any, x: Any) -> Any:
    """The sine: d_x = g * cos(x)."""
    return (g * np.cos(x),)


@op(np.cos, elementwise=True, samples=unary())
def cos(g: Any, out: Any, x: Any) -> Any:
    """The cosine: d_x = -g * sin(x)."""
    return (-g * np.sin(x),)


@op(np.tan, elementwise=True, samples=unary())
def tan(g: Any, out: Any, x: Any) -> Any:
    """The tangent, from its result: d_x = g * (1 + out**2)."""
    return (g * (1 + out**2),)


def _sinc_slope(x: Any, out: Any) -> Any:
    u = np.pi * x
    series = -np.pi * u * (1 / 3 - u**2 * (1 / 30 - u**2 / 840))  # the difference has no digits
    near = np.abs(x) < 0.01
    return np.where(near, series, (np.cos(u) - out) / np.where(near, 1.0, x))


@op(np.sinc, elementwise=True, samples=[*unary(), call(fixed(np.array([0.0, 1e-3, -0.02, 2.0])))])
def sinc(g: Any, out: Any, x: Any) -> Any:
    """sin(pi x) / (pi x), 1 at 0: d_x = g * (cos(pi x) - out) / x, by its series near 0.

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 4.3.96 to 4.3.97.
    """
    return (g * _sinc_slope(x, out),)


@op(np.arcsin, elementwise=True, samples=unary(inside))
def arcsin(g: Any, out: Any, x: Any) -> Any:
    """The inverse sine: d_x = g / sqrt(1 - x**2)."""
    return (g / np.sqrt(1 - x**2),)


@op(np.arccos, elementwise=True, samples=unary(inside))
def arccos(g: Any, out: Any, x: Any) -> Any:
    """The inverse cosine: d_x = -g / sqrt(1 - x**2)."""
    return (-g / np.sqrt(1 - x**2),)


@op(np.arctan, elementwise=True, samples=unary())
def arctan(g: Any, out: Any, x: Any) -> Any:
    """The inverse tangent: d_x = g / (1 + x**2)."""
    return (g / (1 + x**2),)


@op(np.sinh, elementwise=True, samples=unary())
def sinh(g: Any, out: Any, x: Any) -> Any:
    """The hyperbolic sine: d_x = g * cosh(x)."""
    return (g * np.cosh(x),)


@op(np.cosh, elementwise=True, samples=unary())
def cosh(g: Any, out: Any, x: Any) -> Any:
    """The hyperbolic cosine: d_x = g * sinh(x)."""
    return (g * np.sinh(x),)


@op(np.arcsinh, elementwise=True, samples=unary())
def arcsinh(g: Any, out: Any, x: Any) -> Any:
    """The inverse hyperbolic sine: d_x = g / sqrt(x**2 + 1)."""
    return (g / np.sqrt(x**2 + 1),)


@op(np.arccosh, elementwise=True, samples=unary(above_one))
def arccosh(g: Any, out: Any, x: Any) -> Any:
    """The inverse hyperbolic cosine: d_x = g / sqrt(x**2 - 1)."""
    return (g / np.sqrt(x**2 - 1),)


@op(np.arctanh, elementwise=True, samples=unary(inside))
def arctanh(g: Any, out: Any, x: Any) -> Any:
    """The inverse hyperbolic tangent: d_x = g / (1 - x**2)."""
    return (g / (1 - x**2),)


@op(np.arctan2, elementwise=True, samples=binary())
def arctan2(g: Any, out: Any, y: Any, x: Any) -> Any:
    """The angle of the point (x, y): d_y = g * x / (x**2 + y**2), d_x = -g * y / (x**2 + y**2)."""
    square = x**2 + y**2
    return g * x / square, -g * y / square


@op(np.hypot, elementwise=True, samples=binary())
def hypot(g: Any, out: Any, x: Any, y: Any) -> Any:
    """sqrt(x**2 + y**2): d_x = g * x / out, d_y = g * y / out; NaN at the origin."""
    return g * x / out, g * y / out


@composed(np.degrees, np.rad2deg)
def degrees(x: Any) -> Any:
    """Radians as degrees."""
    return x * (180 / math.pi)


@composed(np.radians, np.deg2rad)
def radians(x: Any) -> Any:
    """Degrees as radians."""
    return x * (math.pi / 180)
