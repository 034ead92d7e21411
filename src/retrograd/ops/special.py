"""SciPy's special functions; imported when scipy.special is."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special as sp

from retrograd.ops.samples import binary, normal, positive
from retrograd.ops.sigmoid import log_sigmoid, sigmoid
from retrograd.ops.softmax import log_softmax, softmax
from retrograd.ops.table import composed, op


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
    """x * log(y), 0 where x is 0: d_x = g * log(y), d_y = g * x / y."""
    return g * np.log(y), g * x / y


@composed(sp.xlog1py)
def xlog1py(x: Any, y: Any) -> Any:
    """x * log1p(y), 0 where x is 0."""
    return sp.xlogy(x, 1 + y)
