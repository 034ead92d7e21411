"""Softmax and cross-entropy in one."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.errors import LabelError, ShapeError


def cross_entropy(logits: Any, y: Any) -> Any:
    """The mean over examples of -log softmax(logits) at the labels.

    Args:
        logits: (N, C), any real numbers: what the last layer returns, without softmax.
        y: labels: whole numbers from 0 to C - 1, shape (N,); or a row of weights for each example,
            shape (N, C): one-hot, or soft labels.

    Returns:
        A scalar: -sum(y * log p) / N. Its gradient is (p * sum(y) - y) / N, which is (p - y) / N
        where each row of y sums to one.

    Raises:
        ShapeError: RG107, shapes other than these.
        LabelError: RG202, a label below 0 or above C - 1 (checked on arrays, not while recording);
            RG201, class numbers of a float dtype.

    Source: Goodfellow, Bengio and Courville, Deep Learning (2016), 6.2.2.3.

    >>> z = np.log(np.array([[1.0, 3.0], [1.0, 1.0]]))
    >>> round(float(cross_entropy(z, np.array([1, 0]))), 4)  # (-log 0.75 - log 0.5) / 2
    0.4904
    """
    logits, y = np.asarray(logits), np.asarray(y)
    if np.ndim(logits) != 2 or np.ndim(y) not in (1, 2) or len(y) != len(logits):
        raise ShapeError(
            "RG107",
            f"cross_entropy takes logits (N, C) and y (N,) or (N, C), "
            f"and got {np.shape(logits)} and {np.shape(y)}",
        )
    shifted = logits - logits.max(axis=1, keepdims=True)  # (N, C), the largest of each row is 0
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))  # (N, C)
    if np.ndim(y) == 2:
        if np.shape(y) != np.shape(logits):
            raise ShapeError(
                "RG107", f"y has shape {np.shape(y)} and the logits have {np.shape(logits)}"
            )
        loss = -np.mean(np.sum(y * log_p, axis=1))
    else:
        if y.dtype.kind not in "iu":
            raise LabelError(
                "RG201",
                f"y has shape {np.shape(y)}, so it holds class numbers, but its dtype is {y.dtype}",
                help="y.astype(int)",
            )
        loss = -np.mean(log_p[np.arange(len(y)), y])
    return loss


def check_labels(y: Any, classes: int) -> None:
    """Refuse class numbers that have no column.

    Raises:
        LabelError: RG202, with the values found.
    """
    y = np.asarray(y)
    if y.ndim != 1 or y.dtype.kind not in "iu" or y.size == 0:
        return
    low, high = int(y.min()), int(y.max())
    if low >= 0 and high < classes:
        return
    bad = high if high >= classes else low
    shifted = low == 1 and high == classes
    raise LabelError(
        "RG202",
        f"label {bad} has no column: {classes} classes are numbered 0 to {classes - 1}",
        notes=(f"y has values from {low} to {high}; {bad} first at y[{int(np.argmax(y == bad))}]",),
        help="they count from 1: y - 1" if shifted else "",
    )
