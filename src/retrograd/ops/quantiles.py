"""Quantiles: the median, and what any share of the elements lies below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from retrograd.ops.dispatch import recordable
from retrograd.ops.made import constant
from retrograd.ops.reduce import axes_of, reduced
from retrograd.ops.samples import call, normal
from retrograd.ops.spelling import Text
from retrograd.ops.spelling import call as spelled
from retrograd.ops.symbol import Symbol
from retrograd.ops.table import Sized, composed, op
from retrograd.program import Expression


def _quantile_axes(x: Any, axis: Any) -> Any:
    """The operand with all elements of one quantile along its last axis."""
    axes = axes_of(axis, np.ndim(x))
    kept = [a for a in range(np.ndim(x)) if a not in axes]
    if np.ndim(x) == 1:
        return x
    return np.reshape(np.transpose(x, [*kept, *axes]), [*(np.shape(x)[a] for a in kept), -1])


def _moved_back(d: Any, x: Any, axis: Any) -> Any:
    """What `_quantile_axes` did, undone."""
    axes = axes_of(axis, np.ndim(x))
    if np.ndim(x) == 1:
        return d
    order = [*(a for a in range(np.ndim(x)) if a not in axes), *axes]
    d = np.reshape(d, [np.shape(x)[a] for a in order])
    return np.transpose(d, [order.index(a) for a in range(np.ndim(x))])


def _count(x: Any, axis: Any) -> int:
    """How many elements a quantile is taken of: in this recording only."""
    return int(np.prod([int(np.shape(x)[a]) for a in axes_of(axis, np.ndim(x))]))


def _counted(arrays: list[Any], params: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """np.median(x, axis): which elements are in the middle depends on their number."""
    _count(arrays[0], params.get("axis"))
    return arrays, params


def _shares(n: int, q: float, method: str) -> Any:
    """What each place in sorted order counts in a quantile; shape (n,)."""
    place = q * (n - 1)
    low, high = int(np.floor(place)), int(np.ceil(place))
    share = {
        "linear": place - low,
        "lower": 0.0,
        "higher": 1.0,
        "midpoint": 0.5,
        "nearest": float(int(np.rint(place)) == high),
    }[method]
    counts = np.zeros(n)
    counts[low] += 1 - share
    counts[high] += share
    return counts


def _quantile_gradient(g: Any, x: Any, axis: Any, keepdims: bool, shares: Any) -> Any:
    along = _quantile_axes(x, axis)
    rank = np.argsort(np.argsort(along, axis=-1, kind="stable"), axis=-1, kind="stable")
    kept = g if not keepdims else np.squeeze(g, axes_of(axis, np.ndim(x)))
    counts = constant(shares.astype(x.dtype))[rank]  # what each element counts
    return _moved_back(np.expand_dims(kept, -1) * counts, x, axis)


@op(
    np.median,
    prepare=_counted,
    sizes=reduced,
    letter="m",
    samples=[
        call(normal(5)),
        call(normal(4)),
        call(normal(3, 4)),
        call(normal(3, 4), axis=0),
        call(normal(3, 4), axis=1, keepdims=True),
        call(normal(2, 3, 4), axis=(0, 2)),
    ],
)
def median(g: Any, out: Any, x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    """The middle element in order, or the mean of the two in the middle: they get the gradient."""
    return (_quantile_gradient(g, x, axis, keepdims, _shares(_count(x, axis), 0.5, "linear")),)


_METHODS = ("linear", "lower", "higher", "midpoint", "nearest")


def _quantiles(arrays: list[Any], params: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """np.quantile(x, q): the quantiles are parameters."""
    x, *rest = arrays
    _count(x, params.get("axis"))
    q = rest[0] if rest else params.pop("q")
    if type(q) is not float:
        q = np.asarray(q, dtype=float).tolist()
    if params.get("method", "linear") not in _METHODS:
        raise TypeError("this method has no rule")
    return [x], {**params, "q": q}


def spelled_quantile(args: Sequence[Text], params: Mapping[str, str]) -> Text:
    """`np.quantile(x, 0.25, axis=0)`."""
    rest = {k: v for k, v in params.items() if k != "q"}
    return spelled("np.quantile")([*args, Text(params["q"])], rest)


def _quantile_sizes(
    book: Any,
    x: Sized,
    *,
    q: Any,
    axis: Any = None,
    method: str = "linear",
    keepdims: bool = False,
) -> Sequence[Expression]:
    lead = [Expression.of(n) for n in np.shape(q)]
    return [*lead, *reduced(book, x, axis=axis, keepdims=keepdims)]


@recordable
def fixed_quantile(
    x: Any, q: Any, axis: Any = None, method: Any = "linear", keepdims: bool = False
) -> Any:
    """Quantiles whose shares are numbers, not arrays of the program."""
    return np.quantile(x, q, axis=axis, method=method, keepdims=keepdims)


@composed(np.quantile)
def quantile_(
    a: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False
) -> Any:
    """What a share q of the elements lies below."""
    if type(q) is not Symbol:
        return fixed_quantile(a, q, axis=axis, method=method, keepdims=keepdims)
    ordered = np.sort(_quantile_axes(a, axis), axis=-1)
    n = int(np.shape(ordered)[-1])
    place = q * (n - 1)
    below = np.floor(place)
    if method not in _METHODS:
        raise TypeError("this method has no rule")
    share = {
        "linear": place - below,
        "lower": 0.0,
        "higher": np.ceil(place) - below,
        "midpoint": (np.ceil(place) - below) / 2,
        "nearest": np.rint(place) - below,
    }[method]
    low = np.clip(below.astype(int), 0, n - 1)
    start, end = ordered[..., low], ordered[..., np.minimum(low + 1, n - 1)]
    found = start + (end - start) * share
    behind = np.ndim(found) - np.ndim(q)
    found = np.transpose(found, [*range(behind, np.ndim(found)), *range(behind)])
    if not keepdims:
        return found
    gone = (np.ndim(q) + i for i in sorted(axes_of(axis, np.ndim(a))))
    return np.expand_dims(found, tuple(gone))


@op(
    fixed_quantile,
    prepare=_quantiles,
    spell=spelled_quantile,
    sizes=_quantile_sizes,
    letter="m",
    samples=[
        call(normal(5), q=0.3),
        call(normal(3, 4), q=0.75, axis=0),
        call(normal(3, 4), q=[0.1, 0.9], axis=1),
        call(normal(3, 4), q=0.6, axis=1, keepdims=True),
        call(normal(2, 3, 4), q=0.4, axis=(0, 2)),
        *(call(normal(6), q=0.35, method=m) for m in _METHODS[1:]),
    ],
)
def quantile(
    g: Any,
    out: Any,
    x: Any,
    *,
    q: Any,
    axis: Any = None,
    method: str = "linear",
    keepdims: bool = False,
) -> Any:
    """What a share q of the elements lies below: its neighbours in order get the gradient.

    Source: Hyndman and Fan, "Sample Quantiles in Statistical Packages" (1996), definition 7.
    """
    n = _count(x, axis)
    if np.ndim(q) == 0:
        return (_quantile_gradient(g, x, axis, keepdims, _shares(n, q, method)),)
    total: Any = 0
    for place, share in np.ndenumerate(np.asarray(q)):
        shares = _shares(n, float(share), method)
        total = total + _quantile_gradient(g[place], x, axis, keepdims, shares)
    return (total,)


@composed(np.percentile)
def percentile(
    a: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False
) -> Any:
    """What q percent of the elements lie below."""
    return np.quantile(a, np.asarray(q) / 100, axis=axis, method=method, keepdims=keepdims)  # type: ignore[call-overload]
