"""Reductions: sum, mean, var, std, prod, max, min; and cumulative sums."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from retrograd.ops import spelling
from retrograd.ops.made import eye
from retrograd.ops.samples import call, normal, reductions
from retrograd.ops.table import Sized, op
from retrograd.program import Expression, plain


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


def spread(g: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """g with the reduced axes back, at length 1; one number stands for any shape."""
    axes = axes_of(axis, np.ndim(x))
    if keepdims or np.ndim(g) == 0 or not axes:
        return g
    return np.expand_dims(g, axes if len(axes) > 1 else axes[0])


def _count(x: Any, axis: Any) -> Any:
    """How many elements go into one mean."""
    product: Any = 1
    for a in axes_of(axis, np.ndim(x)):
        product = product * np.shape(x)[a]
    return product


def _adding(arrays: list[Any], params: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """np.sum(x, dtype=, where=, initial=0): the operand as it is added up."""
    (x,) = arrays
    params = dict(params)
    where, dtype, initial = (params.pop(k, None) for k in ("where", "dtype", "initial"))
    if dtype is not None and np.dtype(dtype) != x.dtype:
        x = x.astype(dtype)
    if where is not None and where is not np._NoValue and where is not True:
        x = np.where(where, x, 0)
    if type(initial) in (int, float) and initial != 0:
        params["initial"] = initial
    return [x], params


@op(
    np.sum,
    prepare=_adding,
    carries=True,
    lazy=True,
    spell=spelling.method("sum"),
    sizes=reduced,
    letter="s",
    samples=reductions(),
)
def sum_(g: Any, out: Any, x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    """The sum: every element that went into it gets the same gradient."""
    return (spread(g, x, axis, keepdims),)


def _converted(arrays: list[Any], params: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """np.mean(x, dtype=), np.prod(x, dtype=)."""
    (x,) = arrays
    dtype = params.get("dtype")
    if dtype is not None and np.dtype(dtype) != x.dtype:
        x = x.astype(dtype)
    return [x], {k: v for k, v in params.items() if k != "dtype"}


@op(
    np.mean,
    prepare=_converted,
    carries=True,
    lazy=True,
    spell=spelling.method("mean"),
    sizes=reduced,
    letter="m",
    samples=reductions(),
)
def mean(g: Any, out: Any, x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    """The mean: every element gets the gradient divided by their number."""
    return (spread(g, x, axis, keepdims) / _count(x, axis),)


def _ties(g: Any, out: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    hit = (x == spread(out, x, axis, keepdims)).astype(x.dtype)
    return spread(g, x, axis, keepdims) * hit / np.sum(hit, axis=axis, keepdims=True)


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


def _deviation(x: Any, axis: Any) -> Any:
    return x - np.mean(x, axis=axis, keepdims=True)


def _reduced_by(
    book: Any, x: Sized, *, axis: Any = None, ddof: int = 0, keepdims: bool = False
) -> Sequence[Expression]:
    return reduced(book, x, axis=axis, keepdims=keepdims)


def _var(x: Any, *, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Any:
    squares = _deviation(x, axis) ** 2
    return np.sum(squares, axis=axis, keepdims=keepdims) / (_count(x, axis) - ddof)


def _std(x: Any, **params: Any) -> Any:
    return np.sqrt(_var(x, **params))


_SPREADS = [*reductions(), call(normal(3, 4), axis=0, ddof=1), call(normal(3, 4), ddof=1)]


@op(
    np.var,
    carries=True,
    made_of=_var,
    spell=spelling.method("var"),
    sizes=_reduced_by,
    letter="v",
    samples=_SPREADS,
)
def var(
    g: Any, out: Any, x: Any, *, axis: Any = None, ddof: int = 0, keepdims: bool = False
) -> Any:
    """The variance, mean((x - mean)**2): d_x = g * 2 * (x - mean) / (n - ddof).

    The mean is part of the function: what flows through it adds up to zero.
    """
    count = _count(x, axis) - ddof
    factor = 2 / count if plain(count) else float("nan")  # of no elements
    return (spread(g, x, axis, keepdims) * factor * _deviation(x, axis),)


@op(
    np.std,
    made_of=_std,
    spell=spelling.method("std"),
    sizes=_reduced_by,
    letter="s",
    samples=[
        call(normal(4)),
        call(normal(3, 4), axis=0),
        call(normal(3, 4), axis=1, keepdims=True),
        call(normal(3, 4), axis=0, ddof=1),
        call(normal(2, 3, 4), axis=(0, 1)),
    ],
)
def std(
    g: Any, out: Any, x: Any, *, axis: Any = None, ddof: int = 0, keepdims: bool = False
) -> Any:
    """The square root of the variance: d_x = g * (x - mean) / (out * (n - ddof)); NaN at 0."""
    count = _count(x, axis) - ddof
    count = count if plain(count) else float("nan")
    return (spread(g / out, x, axis, keepdims) * _deviation(x, axis) / count,)


@op(
    np.prod,
    prepare=_converted,
    spell=spelling.method("prod"),
    sizes=reduced,
    samples=reductions(),
)
def prod(g: Any, out: Any, x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    """The product: each element's gradient is the product of the others, also beside zeros."""
    zero = x == 0
    zeros = np.sum(zero, axis=axis, keepdims=True)
    others = np.prod(np.where(zero, 1, x), axis=axis, keepdims=True)
    alone = np.where(zero, zeros == 1, zeros == 0)
    return (spread(g, x, axis, keepdims) * others * alone / np.where(zero, 1, x),)


def _running(book: Any, x: Sized, *, axis: Any = None) -> Sequence[Expression]:
    if axis is not None and x.shape:
        return list(x.sizes)
    total = Expression.of(1)
    for size in x.sizes:
        total = total * size
    return [total]


@op(
    np.cumprod,
    spell=spelling.method("cumprod"),
    sizes=_running,
    samples=[call(normal(4)), call(normal(3, 4)), call(normal(3, 4), axis=0)],
)
def cumprod(g: Any, out: Any, x: Any, *, axis: Any = None) -> Any:
    """Running products: an element is in every product from its own on.

    The gradient of each is the running product without it, also beside zeros; that takes as many
    products as there are pairs.
    """
    whole = np.reshape(x, (-1,)) if axis is None else np.moveaxis(x, axis, -1)
    along = g if axis is None else np.moveaxis(g, axis, -1)
    n = np.shape(whole)[-1]
    without = np.where(eye(n, dtype=bool), 1, whole[..., None, :])  # (..., k, i)
    products = np.triu(np.cumprod(without, axis=-1))
    back = np.sum(products * along[..., None, :], axis=-1)
    return (np.reshape(back, np.shape(x)) if axis is None else np.moveaxis(back, -1, axis),)


@op(
    np.cumsum,
    carries=True,
    spell=spelling.method("cumsum"),
    sizes=_running,
    samples=[
        call(normal(4)),
        call(normal(3, 4)),
        call(normal(3, 4), axis=0),
        call(normal(3, 4), axis=-1),
    ],
)
def cumsum(g: Any, out: Any, x: Any, *, axis: Any = None) -> Any:
    """Running sums: an element is in every sum from its own on, so its gradient adds those up."""
    along = 0 if axis is None else axis
    back = np.flip(np.cumsum(np.flip(g, along), axis=along), along)
    return (np.reshape(back, np.shape(x)),)
