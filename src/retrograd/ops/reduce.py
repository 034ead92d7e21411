"""Reductions: sum, mean, max, min."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from retrograd.ops import spelling
from retrograd.ops.samples import reductions
from retrograd.ops.table import Sized, op
from retrograd.program import Expression


def axes_of(axis: Any, ndim: int) -> tuple[int, ...]:
    """The axes of a reduction, counted from the front."""
    if axis is None:
        return tuple(range(ndim))
    given = axis if isinstance(axis, tuple | list) else (axis,)
    return tuple(int(a) % max(ndim, 1) for a in given)


def reduced(
    book: Any, x: Sized, *, axis: Any = None, keepdims: bool = False
) -> Sequence[Expression]:
    """Sizes after a reduction."""
    gone = axes_of(axis, len(x.shape))
    kept = [Expression.of(1) if i in gone else s for i, s in enumerate(x.sizes)]
    return kept if keepdims else [s for i, s in enumerate(kept) if i not in gone]


def _spread(g: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """g with the reduced axes back, at length 1; one number stands for any shape."""
    if keepdims or np.ndim(g) == 0:
        return g
    axes = axes_of(axis, np.ndim(x))
    return np.expand_dims(g, axes if len(axes) > 1 else axes[0])


def _count(x: Any, axis: Any) -> Any:
    """How many elements go into one mean."""
    product: Any = 1
    for a in axes_of(axis, np.ndim(x)):
        product = product * np.shape(x)[a]
    return product


@op(
    np.sum,
    carries=True,
    lazy=True,
    spell=spelling.method("sum"),
    sizes=reduced,
    letter="s",
    samples=reductions(),
)
def sum_(g: Any, out: Any, x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    """The sum: every element that went into it gets the same gradient."""
    return (_spread(g, x, axis, keepdims),)


@op(
    np.mean,
    carries=True,
    lazy=True,
    spell=spelling.method("mean"),
    sizes=reduced,
    letter="m",
    samples=reductions(),
)
def mean(g: Any, out: Any, x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    """The mean: every element gets the gradient divided by their number."""
    return (_spread(g, x, axis, keepdims) / _count(x, axis),)


def _ties(g: Any, out: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    hit = (x == _spread(out, x, axis, keepdims)).astype(x.dtype)
    return _spread(g, x, axis, keepdims) * hit / np.sum(hit, axis=axis, keepdims=True)


@op(
    np.max,
    np.amax,
    spell=spelling.method("max"),
    sizes=reduced,
    letter="m",
    samples=reductions(),
)
def max_(g: Any, out: Any, x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    """The largest: it gets the gradient; equal largest ones share it evenly."""
    return (_ties(g, out, x, axis, keepdims),)


@op(
    np.min,
    np.amin,
    spell=spelling.method("min"),
    sizes=reduced,
    letter="m",
    samples=reductions(),
)
def min_(g: Any, out: Any, x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    """The smallest: it gets the gradient; equal smallest ones share it evenly."""
    return (_ties(g, out, x, axis, keepdims),)
