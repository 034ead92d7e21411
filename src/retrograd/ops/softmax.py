"""Softmax, its logarithm, and log(sum(exp)), each as one operation.

People write them with exp, sum and a division; `rewrite` recognizes that, differentiates it here,
and writes it back as the lines below.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.ops.dispatch import recordable
from retrograd.ops.reduce import axes_of, reduced, spread
from retrograd.ops.samples import call, normal, reductions
from retrograd.ops.table import op
from retrograd.program import plain


def _shifted(x: Any, axis: Any) -> tuple[Any, bool]:
    keep = axis is not None
    return x - (np.max(x, axis=axis, keepdims=True) if keep else np.max(x)), keep


@recordable
def softmax(x: Any, axis: Any = -1) -> Any:
    """exp(x) / sum(exp(x)) along an axis (None: over all elements), computed without overflow.

    Args:
        x: logits, any shape.
        axis: the axis along which the result sums to 1.

    Returns:
        The probabilities, in the shape of x; empty for an empty x.

    >>> softmax(np.array([[0.0, np.log(3.0)]])).round(3).tolist()
    [[0.25, 0.75]]
    """
    return _softmax(x, axis=axis if np.ndim(x) or axis not in (0, -1) else None)


def _of_number(arrays: list[Any], params: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """A number has no axis: all of it is one."""
    (x,) = arrays
    axis = params.get("axis", -1)
    return [x], {**params, "axis": None if np.ndim(x) == 0 and axis in (0, -1) else axis}


def _softmax(x: Any, *, axis: Any) -> Any:
    if 0 in plain(np.shape(x)):
        return x * 1.0
    shifted, keep = _shifted(x, axis)
    e = np.exp(shifted)
    return e / (np.sum(e, axis=axis, keepdims=True) if keep else np.sum(e))


@recordable
def log_softmax(x: Any, axis: Any = -1) -> Any:
    """log(softmax(x)) along an axis (None: over all elements), exact where softmax underflows.

    Args:
        x: logits, any shape.
        axis: the axis along which softmax sums to 1.

    Returns:
        The logarithms of the probabilities, in the shape of x.

    >>> log_softmax(np.array([[0.0, 1000.0]])).tolist()
    [[-1000.0, 0.0]]
    """
    return _log_softmax(x, axis=axis if np.ndim(x) or axis not in (0, -1) else None)


def _log_softmax(x: Any, *, axis: Any) -> Any:
    if 0 in plain(np.shape(x)):
        return x * 1.0
    shifted, keep = _shifted(x, axis)
    e = np.exp(shifted)
    return shifted - np.log(np.sum(e, axis=axis, keepdims=True) if keep else np.sum(e))


def _sum(x: Any, axis: Any) -> Any:
    return np.sum(x) if axis is None else np.sum(x, axis=axis, keepdims=True)


_SAMPLES = [
    call(normal(4), axis=None),
    call(normal(3, 4), axis=None),
    call(normal(3, 4), axis=1),
    call(normal(3, 4), axis=0),
    call(normal(3, 4), axis=-1),
    call(normal(2, 3, 4), axis=(1, 2)),
]


@op(
    softmax,
    run=_softmax,
    lower=_softmax,
    prepare=_of_number,
    sizes=lambda book, x, axis: list(x.sizes),
    letter="p",
    note="softmax: J.T @ {g}, row by row",
    samples=_SAMPLES,
)
def softmax_(g: Any, out: Any, x: Any, *, axis: Any) -> Any:
    """p = softmax(x): d_x = p * (g - sum(g * p)), which is J.T @ g with J = diag(p) - p p.T.

    Source: Goodfellow, Bengio and Courville, Deep Learning (2016), 6.2.2.3; Bridle (1990).
    """
    return (out * (g - _sum(g * out, axis)),)


@op(
    log_softmax,
    run=_log_softmax,
    lower=_log_softmax,
    prepare=_of_number,
    carries=True,
    sizes=lambda book, x, axis: list(x.sizes),
    letter="log_p",
    note="softmax + cross-entropy",
    samples=_SAMPLES,
)
def log_softmax_(g: Any, out: Any, x: Any, *, axis: Any) -> Any:
    """log softmax(x): d_x = g - softmax(x) * sum(g).

    With g = -y/N, the gradient of the cross-entropy, this is (p * sum(y) - y) / N: the famous
    (p - y) / N wherever the labels y sum to one.
    """
    return (g - softmax(x, axis=axis) * _sum(g, axis),)


def _exponentials(x: Any, axis: Any) -> tuple[Any, Any, Any]:
    """exp(x - m), its sums, and m: the largest, or 0 where all of x is -inf."""
    m = np.max(x, axis=axis, keepdims=True)
    m = np.where(np.isfinite(m), m, 0)  # exp(-inf - 0) is 0; -inf - -inf would be NaN
    e = np.exp(x - m)
    return e, np.sum(e, axis=axis, keepdims=True), m


def _logsumexp(x: Any, *, axis: Any, keepdims: bool = False) -> Any:
    _, s, m = _exponentials(x, axis)
    total = np.log(s) + m
    return total if keepdims else np.squeeze(total, tuple(axes_of(axis, np.ndim(x))))


@recordable
def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """log(sum(exp(x))) along an axis (None: over all elements), computed without overflow.

    Args:
        x: any shape.
        axis: one axis, several, or None.
        keepdims: whether the axes stay, at length 1.

    Returns:
        An array without the axes.

    >>> logsumexp(np.array([1000.0, 1000.0])).round(3)
    np.float64(1000.693)
    """
    return _logsumexp(x, axis=axis, keepdims=keepdims)


@op(
    logsumexp,
    run=_logsumexp,
    lower=_logsumexp,
    carries=True,
    lazy="number",
    sizes=reduced,
    letter="lse",
    note="log(sum(exp)): its gradient is the softmax",
    samples=[sample for sample in reductions() if "axis" in sample.params],
)
def logsumexp_(g: Any, out: Any, x: Any, *, axis: Any, keepdims: bool = False) -> Any:
    """log(sum(exp(x))): d_x = g * softmax(x); 0 where all of x is -inf.

    Source: Boyd and Vandenberghe, Convex Optimization (2004), section 3.1.5.
    """
    e, s, _ = _exponentials(x, axis)
    return (spread(g, x, axis, keepdims) * (e / np.where(s > 0, s, 1)),)
