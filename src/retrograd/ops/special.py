"""SciPy's special functions; imported when scipy.special is."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special as sp

from retrograd.ops.sigmoid import log_sigmoid, sigmoid
from retrograd.ops.softmax import log_softmax, logsumexp, softmax
from retrograd.ops.table import composed


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
    if b is not None:
        m = np.max(a, axis=axis, keepdims=True)
        total = np.log(np.sum(b * np.exp(a - m), axis=axis, keepdims=True)) + m
        return total if keepdims else np.sum(total, axis=axis)
    return logsumexp(a, axis=axis, keepdims=keepdims)


@composed(sp.xlogy)
def xlogy(x: Any, y: Any) -> Any:
    """x * log(y), 0 where x is 0."""
    zero = np.equal(x, 0)
    return np.where(zero, 0, x * np.log(np.where(zero, 1, y)))


@composed(sp.xlog1py)
def xlog1py(x: Any, y: Any) -> Any:
    """x * log1p(y), 0 where x is 0."""
    zero = np.equal(x, 0)
    return np.where(zero, 0, x * np.log1p(np.where(zero, 0, y)))
