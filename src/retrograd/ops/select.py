"""Choosing: maximum, minimum, where, clip, argmax and argmin."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.ops import spelling
from retrograd.ops.reduce import reduced
from retrograd.ops.samples import SHAPES, binary, booleans, call, fixed, normal
from retrograd.ops.table import composed, op


@op(
    np.maximum,
    elementwise=True,
    samples=[*binary(), *(call(normal(*s), fixed(0)) for s in SHAPES), call(fixed(0.0), normal(4))],
)
def maximum(g: Any, out: Any, x: Any, y: Any) -> Any:
    """The larger: its gradient goes to the larger; two equal arrays get half each.

    Against a constant the gradient at a tie is 0: that of ReLU at 0.
    """
    if type(y) in (int, float):
        return g * (x > y), None
    if type(x) in (int, float):
        return None, g * (y > x)
    return np.where(x == y, g / 2, g * (x > y)), np.where(x == y, g / 2, g * (y > x))


@op(
    np.minimum,
    elementwise=True,
    samples=[*binary(), *(call(normal(*s), fixed(0)) for s in SHAPES), call(fixed(0.0), normal(4))],
)
def minimum(g: Any, out: Any, x: Any, y: Any) -> Any:
    """The smaller: its gradient goes to the smaller; two equal arrays get half each.

    Against a constant the gradient at a tie is 0.
    """
    if type(y) in (int, float):
        return g * (x < y), None
    if type(x) in (int, float):
        return None, g * (y < x)
    return np.where(x == y, g / 2, g * (x < y)), np.where(x == y, g / 2, g * (y < x))


def _choose(condition: Any, x: Any, y: Any) -> Any:
    return np.where(condition, x, y)


@op(
    np.where,
    run=_choose,
    elementwise=True,
    loop="({1}) if {0} else ({2})",
    carries=False,
    samples=[
        *(call(booleans(*s), normal(*s), normal(*s)) for s in SHAPES),
        call(booleans(3, 1), normal(4), normal(3, 4)),
        call(booleans(3, 4), normal(), normal(1)),
        call(booleans(3, 4), normal(3, 4), fixed(0.0)),
        call(booleans(3, 4), fixed(1), normal(4)),
    ],
)
def where(g: Any, out: Any, condition: Any, x: Any, y: Any) -> Any:
    """x where the condition holds, else y: each gets the gradient where it was chosen."""
    return None, np.where(condition, g, 0), np.where(condition, 0, g)


def _clip_operands(arrays: list[Any], params: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """np.clip(x, low, high), its bounds under either name."""
    low = params.pop("a_min", params.pop("min", arrays[1] if len(arrays) > 1 else None))
    high = params.pop("a_max", params.pop("max", arrays[2] if len(arrays) > 2 else None))
    return [arrays[0], low, high], params


@op(
    np.clip,
    elementwise=True,
    prepare=_clip_operands,
    spell=spelling.call("np.clip"),
    loop="np.minimum(np.maximum({0}, {1}), {2})",
    samples=[
        call(normal(3, 4), fixed(-0.5), fixed(0.7)),
        call(normal(3, 4), fixed(0.1), fixed(None)),
        call(normal(3, 4), fixed(None), fixed(0)),
        call(normal(3, 4), normal(4), fixed(2.0)),
    ],
)
def clip(g: Any, out: Any, x: Any, low: Any, high: Any) -> Any:
    """x between two bounds: its gradient passes strictly inside; outside it goes to the bound."""
    if low is None and high is None:
        return g, None, None
    if low is None or high is None:
        inside = x < high if low is None else x > low
    else:
        inside = (x > low) & (x < high)
    plain = (int, float, type(None))
    d_low = d_high = None
    if type(low) not in plain:
        d_low = g * (x <= low) if high is None else g * ((x <= low) & (low < high))
    if type(high) not in plain:
        d_high = g * ((x if low is None else np.maximum(x, low)) >= high)
    return g * inside, d_low, d_high


@composed(np.fmax)
def fmax(x: Any, y: Any) -> Any:
    """The larger, or the one that is not NaN."""
    return np.where(np.isnan(x), y, np.where(np.isnan(y), x, np.maximum(x, y)))


@composed(np.fmin)
def fmin(x: Any, y: Any) -> Any:
    """The smaller, or the one that is not NaN."""
    return np.where(np.isnan(x), y, np.where(np.isnan(y), x, np.minimum(x, y)))


@composed(np.nan_to_num)
def nan_to_num(
    x: Any, copy: bool = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    """NaN and infinities as numbers."""
    if x.dtype.kind != "f":
        return x.copy()
    info = np.finfo(x.dtype)
    high = info.max.item() if posinf is None else posinf
    low = info.min.item() if neginf is None else neginf
    infinite = np.isinf(x)
    finite = np.where(infinite & (x > 0), high, np.where(infinite, low, x))
    return np.where(np.isnan(x), nan, finite)


@op(
    np.argmax,
    derivative="none",
    spell=spelling.method("argmax"),
    sizes=reduced,
    samples=[
        call(normal(3, 4)),
        call(normal(3, 4), axis=1),
        call(normal(3, 4), axis=-1, keepdims=True),
    ],
)
def argmax(x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    """The index of the largest element: it jumps, and has no useful derivative."""


@op(
    np.argmin,
    derivative="none",
    spell=spelling.method("argmin"),
    sizes=reduced,
    samples=[call(normal(3, 4)), call(normal(3, 4), axis=0)],
)
def argmin(x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    """The index of the smallest element: it jumps, and has no useful derivative."""


@composed(np.select)
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """Of several choices the first whose condition holds."""
    result = default
    for condition, choice in reversed(list(zip(condlist, choicelist, strict=True))):
        result = np.where(condition, choice, result)
    return result
