"""Statistics: range, weighted means, covariance, and what leaves NaN out."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.ops.made import constant
from retrograd.ops.softmax import logsumexp
from retrograd.ops.table import composed, since
from retrograd.program import plain


@composed(np.ptp)
def ptp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The range, max - min."""
    low = np.min(x, axis=axis, keepdims=keepdims)
    return np.max(x, axis=axis, keepdims=keepdims) - low


@composed(np.average)
def average(x: Any, axis: Any = None, weights: Any = None) -> Any:
    """The mean, with weights if there are any."""
    if weights is None:
        return np.mean(x, axis=axis)
    weights = constant(weights)
    if np.ndim(weights) < np.ndim(x):
        weights = np.reshape(weights, [-1 if i == axis % np.ndim(x) else 1 for i in range(x.ndim)])
        weights = np.broadcast_to(weights, np.shape(x))
    return np.sum(x * weights, axis=axis) / np.sum(weights, axis=axis)


@composed(np.nansum)
def nansum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The sum of what is not NaN."""
    return np.sum(np.where(np.isnan(x), 0, x), axis=axis, keepdims=keepdims)


@composed(np.nanmean)
def nanmean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The mean of what is not NaN."""
    count = np.sum(~np.isnan(x), axis=axis, keepdims=keepdims)
    return nansum(x, axis=axis, keepdims=keepdims) / count.astype(x.dtype)


@composed(np.nanmax)
def nanmax(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The largest of what is not NaN."""
    found = np.max(np.where(np.isnan(x), -np.inf, x), axis=axis, keepdims=keepdims)
    return np.where(np.all(np.isnan(x), axis=axis, keepdims=keepdims), np.nan, found)


@composed(np.nanmin)
def nanmin(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The smallest of what is not NaN."""
    found = np.min(np.where(np.isnan(x), np.inf, x), axis=axis, keepdims=keepdims)
    return np.where(np.all(np.isnan(x), axis=axis, keepdims=keepdims), np.nan, found)


@composed(np.nanprod)
def nanprod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The product of what is not NaN."""
    return np.prod(np.where(np.isnan(x), 1, x), axis=axis, keepdims=keepdims)


@composed(np.nanvar)
def nanvar(x: Any, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Any:
    """The variance of what is not NaN."""
    count = np.sum(~np.isnan(x), axis=axis, keepdims=keepdims)
    deviation = np.where(np.isnan(x), 0, x - nanmean(x, axis=axis, keepdims=True))
    squares = np.sum(deviation**2, axis=axis, keepdims=keepdims)
    return squares / np.where(count > ddof, count - ddof, np.nan).astype(x.dtype)


@composed(np.nanstd)
def nanstd(x: Any, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Any:
    """The standard deviation of what is not NaN."""
    return np.sqrt(nanvar(x, axis=axis, ddof=ddof, keepdims=keepdims))


@composed(np.cov)
def cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: Any = None,
    fweights: Any = None,
    aweights: Any = None,
) -> Any:
    """Covariances of the rows."""
    x = _as_rows(m, rowvar)
    if y is not None:
        x = np.concatenate([x, _as_rows(y, rowvar)])
    ddof = (0 if bias else 1) if ddof is None else ddof
    weights = fweights if aweights is None else aweights
    if fweights is not None and aweights is not None:
        weights = fweights * aweights
    if weights is None:
        mean, count = np.mean(x, axis=1, keepdims=True), np.shape(x)[1] - ddof
        count = 0.0 if plain(count) <= 0 else count
    else:
        total = np.sum(weights)
        mean = np.sum(x * weights, axis=1, keepdims=True) / total
        count = total - (ddof if aweights is None else ddof * np.sum(weights * aweights) / total)
    deviation = x - mean
    weighted = deviation if weights is None else deviation * weights
    found = deviation @ np.transpose(weighted) / count
    return np.squeeze(found) if 1 in plain(np.shape(found)) else found


def _as_rows(x: Any, rowvar: bool) -> Any:
    if hasattr(x, "astype"):
        x = x.astype(np.float64)
    if np.ndim(x) < 2:
        return np.reshape(x, (1, -1))
    return x if rowvar else np.transpose(x)


@composed(np.corrcoef)
def corrcoef(x: Any, y: Any = None, rowvar: bool = True) -> Any:
    """Correlations of the rows."""
    c = cov(x, y, rowvar)
    if np.ndim(c) == 0:
        return c / c
    spreads = np.sqrt(np.diagonal(c))
    return np.clip(c / spreads[:, None] / spreads[None, :], -1, 1)


@composed((np.logaddexp, "reduce"))
def logaddexp_reduce(array: Any, axis: Any = 0, keepdims: bool = False) -> Any:
    """log(sum(exp(x))) along an axis."""
    return logsumexp(array, axis=axis, keepdims=keepdims)


@composed(*since(np, "cumulative_sum"))
def cumulative_sum(x: Any, axis: Any = None) -> Any:
    """Running sums."""
    return np.cumsum(x, axis=axis)


@composed(*since(np, "cumulative_prod"))
def cumulative_prod(x: Any, axis: Any = None) -> Any:
    """Running products."""
    return np.cumprod(x, axis=axis)


@composed(np.nancumsum)
def nancumsum(a: Any, axis: Any = None) -> Any:
    """Running sums of what is not NaN."""
    return np.cumsum(np.where(np.isnan(a), 0, a), axis=axis)


@composed(np.ediff1d)
def ediff1d(ary: Any) -> Any:
    """Differences of neighbours, all elements in one row."""
    return np.diff(np.reshape(ary, (-1,)))
