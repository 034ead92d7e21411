"""Curves given by points: polynomials, areas, slopes, interpolation, pieces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from retrograd.ops.made import zeros
from retrograd.ops.reduce import axes_of
from retrograd.ops.samples import call, fixed, normal
from retrograd.ops.table import composed, op
from retrograd.program import plain


@composed(np.polyval)
def polyval(p: Any, x: Any) -> Any:
    """A polynomial, the highest power first, by Horner's rule."""
    total = 0 * x
    for c in p:
        total = total * x + c
    return total


@composed(np.trapezoid)
def trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    """The area under straight lines between points."""
    before = (slice(None),) * (axis % np.ndim(y))
    sums = y[(*before, slice(1, None))] + y[(*before, slice(None, -1))]
    if x is None:
        width: Any = dx
    elif np.ndim(x) == 1:
        column = [1] * np.ndim(y)
        column[axis] = -1
        width = np.reshape(np.diff(x), column)
    else:
        width = np.diff(x, axis=axis)
    return np.sum(sums * width / 2, axis=axis)


@composed(np.gradient)
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Slopes along each axis: central differences inside, one-sided ones at the two ends.

    Source: Quarteroni, Sacco and Saleri, Numerical Mathematics (2007), section 10.10.
    """
    axes = axes_of(axis, np.ndim(f))
    if len(axes) > 1 and any(np.ndim(h) for h in varargs) and len(varargs) != len(axes):
        raise TypeError("coordinates for each axis")
    steps: Sequence[Any] = [*varargs] or [1.0]
    steps = list(steps) * len(axes) if len(steps) == 1 else steps
    if len(steps) != len(axes):
        raise TypeError("one distance for each axis")
    found = [_slopes(f, h, a, edge_order) for h, a in zip(steps, axes, strict=True)]
    return found[0] if len(axes) == 1 else tuple(found)


def _slopes(f: Any, spacing: Any, axis: int, edge_order: int) -> Any:
    along = np.moveaxis(f, axis, 0)
    n = int(np.shape(along)[0])
    if n < edge_order + 1:
        raise ValueError("too few points for these edges")
    if np.ndim(spacing) == 0:
        before: Any = [spacing] * (n - 1)
        after: Any = before
        inner = (along[2:] - along[:-2]) / (2 * spacing)
    else:
        column = (-1,) + (1,) * (np.ndim(f) - 1)
        h = np.reshape(np.diff(spacing), column)
        left, right = h[:-1], h[1:]
        inner = (
            -right / (left * (left + right)) * along[:-2]
            + (right - left) / (left * right) * along[1:-1]
            + left / (right * (left + right)) * along[2:]
        )
        before, after = h, h
    first = _end(along[:3], before[0], before[1] if n > 2 else None, edge_order)
    last = _end(along[-3:][::-1], after[-1], after[-2] if n > 2 else None, edge_order)
    parts = [first[None], inner, -last[None]] if n > 2 else [first[None], -last[None]]
    return np.moveaxis(np.concatenate(parts), 0, axis)


def _end(points: Any, h: Any, k: Any, edge_order: int) -> Any:
    """The slope at the first of these points, h apart and then k."""
    k = h if k is None else k
    if edge_order == 1:
        return (points[1] - points[0]) / h
    return (
        -(2 * h + k) / (h * (h + k)) * points[0]
        + (h + k) / (h * k) * points[1]
        - h / (k * (h + k)) * points[2]
    )


@op(
    np.searchsorted,
    derivative="none",
    sizes=lambda book, a, v, side="left": list(v.sizes),
    samples=[
        call(fixed(np.array([0.0, 1.0, 2.0])), normal(4)),
        call(fixed(np.array([0.0, 1.0, 2.0])), normal(2, 3), side="right"),
    ],
)
def searchsorted(a: Any, v: Any, *, side: str = "left") -> Any:
    """Where values belong in a sorted row: places jump, and have no useful derivative."""


@composed(np.interp)
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Any:
    """Straight lines between points; outside, the value at the end."""
    n = np.shape(xp)[0]
    if plain(n) == 1:
        return np.where(x == x, fp[0], np.nan)
    place = np.clip(np.searchsorted(xp, x, side="right"), 1, n - 1)
    x0, x1, y0, y1 = xp[place - 1], xp[place], fp[place - 1], fp[place]
    inside = y0 + (y1 - y0) / (x1 - x0) * (x - x0)
    low = fp[0] if left is None else left
    high = fp[-1] if right is None else right
    return np.where(x < xp[0], low, np.where(x > xp[-1], high, inside))


@composed(np.piecewise)
def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """Each function where its condition holds, computed there alone."""
    conditions = list(condlist) if isinstance(condlist, list | tuple) else [condlist]
    if len(funclist) == len(conditions) + 1:
        rest = conditions[0]
        for condition in conditions[1:]:
            rest = rest | condition
        conditions.append(~rest)
    result = zeros(np.shape(x), dtype=x.dtype)
    for condition, function in zip(conditions, funclist, strict=True):
        result[condition] = function(x[condition], *args, **kw) if callable(function) else function
    return result
