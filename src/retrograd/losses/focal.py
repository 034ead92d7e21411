"""The focal loss: cross-entropy in which examples that are right already count less."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.arguments import check_range
from retrograd.errors import LabelError, ShapeError
from retrograd.losses.reduction import check_same_shape, reduced
from retrograd.ops.arithmetic import weighted
from retrograd.ops.check_values import labels_within
from retrograd.ops.sigmoid import log_sigmoid
from retrograd.ops.softmax import log_softmax


def focal(
    z: Any,
    y: Any,
    *,
    gamma: float = 2.0,
    alpha: Any = 0.25,
    reduction: str = "mean",
    sample_weight: Any = None,
) -> Any:
    """-alpha * (1 - p)**gamma * log(p), p the probability that the logits give to the label.

    Args:
        z: logits of any shape, each of which answers yes or no (sigmoid); or (N, C), with class
            numbers for y (softmax).
        y: labels from 0 to 1 in the shape of z; or class numbers, (N,).
        gamma: how much less an example counts that is right already, 0 or more.
        alpha: for yes or no, what label 1 counts, from 0 to 1 (label 0 counts 1 - alpha); for
            classes a weight for each, (C,), or None. None for 1; with classes a number counts all.
        reduction: "mean", "sum", or "none".
        sample_weight: (N,), or None; see `losses.reduction.reduced`.

    Returns:
        A scalar; with gamma = 0 and alpha = None the cross-entropy.

    Raises:
        ShapeError: RG107, shapes other than these.
        LabelError: RG201, class numbers of a float dtype; RG202, one without a class.
        ArgumentError: RG601, another reduction, or gamma below 0.

    Source: Lin et al., "Focal Loss for Dense Object Detection" (2017), eq. 5.

    >>> float(focal(np.array([0.0]), np.array([1.0]), alpha=None).round(4))  # 0.25 * log 2
    0.1733
    """
    check_range("gamma", gamma, 0, np.inf)
    z, y = np.asarray(z), np.asarray(y)
    if np.ndim(z) == 2 and np.ndim(y) == 1:
        losses = _of_classes(z, y, gamma, alpha)
    else:
        losses = _of_answers(z, y, gamma, alpha)
    loss = reduced(losses, reduction, sample_weight)
    return loss


def _of_answers(z: Any, y: Any, gamma: float, alpha: Any) -> Any:
    check_same_shape("focal", z, y)
    log_p, log_q = log_sigmoid(z), log_sigmoid(z, negative=True)
    yes, no = -weighted(y, log_p), -weighted(1 - y, log_q)
    if gamma:
        yes, no = np.exp(gamma * log_q) * yes, np.exp(gamma * log_p) * no
    return yes + no if alpha is None else alpha * yes + (1 - alpha) * no


def _of_classes(z: Any, y: Any, gamma: float, alpha: Any) -> Any:
    if y.dtype.kind not in "iu":
        raise LabelError(
            "RG201", f"y holds class numbers, but its dtype is {y.dtype}", help="y.astype(int)"
        )
    N, C = z.shape
    if np.shape(y) != (N,):
        raise ShapeError("RG107", f"focal got logits {np.shape(z)} and y {np.shape(y)}")
    labels_within(y, z, C)
    log_p = log_softmax(z, axis=1)[np.arange(N), y]  # (N,)
    losses = -log_p
    if gamma:
        q = -np.expm1(log_p)  # (N,), 1 - p
        sure = q == 0
        losses = np.where(sure, 0, np.where(sure, 1, q) ** gamma * losses)
    if alpha is None:
        return losses
    if np.ndim(alpha) == 0:
        return alpha * losses
    if np.shape(alpha) != (C,):
        raise ShapeError("RG107", f"alpha has shape {np.shape(alpha)}, and there are {C} classes")
    return np.asarray(alpha)[y] * losses
