"""SciPy's special functions; imported when scipy.special is."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.special as sp

from retrograd.ops.dispatch import recordable
from retrograd.ops.error_function import erf, erfc
from retrograd.ops.samples import binary, call, normal, positive, unary
from retrograd.ops.sigmoid import log_sigmoid, sigmoid
from retrograd.ops.softmax import log_softmax, softmax
from retrograd.ops.spelling import Text
from retrograd.ops.spelling import call as call_text
from retrograd.ops.table import composed, op

_SCIPY = ("import scipy.special",)


@composed(sp.erf)
def erf_(x: Any) -> Any:
    """The error function."""
    return erf(x)


@composed(sp.erfc)
def erfc_(x: Any) -> Any:
    """1 - erf(x)."""
    return erfc(x)


@composed(sp.ndtr)
def ndtr(x: Any) -> Any:
    """The normal distribution function, P(X <= x)."""
    return 0.5 * erfc(x * -math.sqrt(0.5))


@op(
    sp.gammaln,
    elementwise=True,
    spell=call_text("scipy.special.gammaln"),
    samples=unary(positive),
    imports=_SCIPY,
)
def gammaln(g: Any, out: Any, x: Any) -> Any:
    """log|gamma(x)|: d_x = g * digamma(x).

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 6.3.1.
    """
    return (g * sp.digamma(x),)


@op(
    sp.digamma,
    elementwise=True,
    spell=call_text("scipy.special.digamma"),
    samples=unary(positive),
    imports=_SCIPY,
)
def digamma(g: Any, out: Any, x: Any) -> Any:
    """The slope of gammaln: d_x = g * polygamma(1, x)."""
    return (g * slope_of_digamma(x, n=1),)


@recordable
def slope_of_digamma(x: Any, n: Any) -> Any:
    """The n-th slope of digamma."""
    return sp.polygamma(n, x)


composed(sp.polygamma)(lambda n, x: slope_of_digamma(x, n=int(n)))


@op(
    slope_of_digamma,
    run=lambda x, n: sp.polygamma(n, x),
    elementwise=True,
    spell=lambda args, params: Text(f"scipy.special.polygamma({params['n']}, {args[0].code})"),
    samples=[call(positive(4), n=1), call(positive(3, 4), n=2)],
    imports=_SCIPY,
)
def polygamma(g: Any, out: Any, x: Any, *, n: int) -> Any:
    """Slope number n of digamma: d_x = g * slope number n + 1."""
    return (g * slope_of_digamma(x, n=n + 1),)


@composed(sp.expit)
def expit(x: Any) -> Any:
    """The sigmoid."""
    return sigmoid(x)


@composed(sp.logit)
def logit(x: Any) -> Any:
    """log(x / (1 - x))."""
    return np.log(x / (1 - x))


@composed(sp.log_expit)
def log_expit(x: Any) -> Any:
    """log(sigmoid(x))."""
    return log_sigmoid(x)


@composed(sp.softmax)
def softmax_(x: Any, axis: Any = None) -> Any:
    """Softmax; without an axis over all elements."""
    return softmax(x, axis=axis)


@composed(sp.log_softmax)
def log_softmax_(x: Any, axis: Any = None) -> Any:
    """log(softmax(x)); without an axis over all elements."""
    return log_softmax(x, axis=axis)


@composed(sp.logsumexp)
def logsumexp_(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False) -> Any:
    """log(sum(b * exp(a)))."""
    m = np.max(a, axis=axis, keepdims=True)
    m = np.where(np.isfinite(m), m, 0)  # a row that is masked out altogether
    e = np.exp(a - m) if b is None else b * np.exp(a - m)
    total = np.log(np.sum(e, axis=axis, keepdims=True)) + m
    return total if keepdims else np.sum(total, axis=axis)


def _xlogy(x: Any, y: Any) -> Any:
    zero = (x == 0) & ~np.isnan(y)
    return np.where(zero, 0, x * np.log(np.where(zero, 1, y)))


@op(sp.xlogy, run=_xlogy, lower=_xlogy, elementwise=True, samples=binary(normal, positive))
def xlogy(g: Any, out: Any, x: Any, y: Any) -> Any:
    """x * log(y), 0 where x is 0: d_x = g * log(y), d_y = g * x / y, 0 where x is 0."""
    return g * np.log(y), g * x / np.where(x == 0, 1, y)


@composed(sp.xlog1py)
def xlog1py(x: Any, y: Any) -> Any:
    """x * log1p(y), 0 where x is 0."""
    return x * np.log1p(np.where(x == 0, 0, y))
