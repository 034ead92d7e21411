"""Softmax and cross-entropy in one."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.arguments import check_range
from retrograd.errors import ArgumentError
from retrograd.losses.class_labels import (
    check_class_weight,
    in_rows,
    loss_of_classes,
    loss_of_shares,
)
from retrograd.ops.softmax import log_softmax


def cross_entropy(
    logits: Any,
    y: Any,
    *,
    class_weight: Any = None,
    label_smoothing: float = 0.0,
    ignore_index: int | None = None,
    reduction: str = "mean",
    sample_weight: Any = None,
) -> Any:
    """The mean over examples of -log softmax(logits) at the labels.

    Args:
        logits: (N, C), any real numbers: what the last layer returns, without softmax; -inf masks
            a class out. Or (N, C, ...), as pixels have it, and y accordingly.
        y: labels: whole numbers from 0 to C - 1, shape (N,); or a row of weights for each example,
            shape (N, C): one-hot, or soft labels.
        class_weight: (C,), what the loss of each class counts; None for 1. As in PyTorch the mean
            over class numbers is divided by the sum of their weights, that over soft labels by N.
        label_smoothing: from 0 to 1: this share of a label is spread over all classes.
        ignore_index: a class number whose examples do not count.
        reduction: "mean" over examples, "sum", or "none" for one loss for each example.
        sample_weight: (N,), or None; see `losses.reduction.reduced`.

    Returns:
        A scalar: -sum(y * log p) / N. Its gradient is (p * sum(y) - y) / N, which is (p - y) / N
        where each row of y sums to one.

    Raises:
        ShapeError: RG107, shapes other than these.
        LabelError: RG201, class numbers of a float dtype; RG202, one below 0 or above C - 1;
            RG208, all of them are ignored.
        ArgumentError: RG601, a number out of its range, or another reduction.

    Sources: Goodfellow, Bengio and Courville, Deep Learning (2016), 6.2.2.3; label smoothing:
    Szegedy et al., "Rethinking the Inception Architecture" (2015), section 7.

    >>> z = np.log(np.array([[1.0, 3.0], [1.0, 1.0]]))
    >>> round(float(cross_entropy(z, np.array([1, 0]))), 4)  # (-log 0.75 - log 0.5) / 2
    0.4904
    """
    logits, y = np.asarray(logits), np.asarray(y)
    check_range("label_smoothing", label_smoothing, 0, 1, closed_high=True)
    logits, y, shape = in_rows("cross_entropy", "logits", logits, y)
    check_class_weight(class_weight, logits)
    log_p = log_softmax(logits, axis=1)  # (N, C)
    if np.ndim(y) == 2:
        if ignore_index is not None:
            raise ArgumentError("RG601", "ignore_index is a class number; y holds a row for each")
        loss = loss_of_shares(
            log_p, y, class_weight, label_smoothing, reduction, sample_weight, shape
        )
        return loss
    loss = loss_of_classes(
        log_p, y, class_weight, label_smoothing, ignore_index, reduction, sample_weight, shape
    )
    return loss
