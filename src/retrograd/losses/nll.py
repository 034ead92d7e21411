"""The negative log-likelihood of log-probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.errors import ShapeError
from retrograd.losses.class_labels import (
    check_class_weight,
    in_rows,
    loss_of_classes,
)


def nll(
    log_p: Any,
    y: Any,
    *,
    class_weight: Any = None,
    ignore_index: int | None = None,
    reduction: str = "mean",
    sample_weight: Any = None,
) -> Any:
    """The mean over examples of -log_p at the labels: of log-probabilities, such as log_softmax's.

    Args:
        log_p: (N, C), logarithms of probabilities; or (N, C, ...), and y accordingly.
        y: whole numbers from 0 to C - 1, shape (N,).
        class_weight: (C,), what the loss of each class counts; the mean is divided by their sum.
        ignore_index: a class number whose examples do not count.
        reduction: "mean" over examples, "sum", or "none" for one loss for each example.
        sample_weight: (N,), or None; see `losses.reduction.reduced`.

    Returns:
        A scalar. Its gradient is -1 / N at the labels, 0 elsewhere.

    Raises:
        ShapeError: RG107, shapes other than these.
        LabelError: RG201, class numbers of a float dtype; RG202, one below 0 or above C - 1;
            RG208, all of them are ignored.
        ArgumentError: RG601, another reduction.

    >>> round(float(nll(np.log(np.array([[0.25, 0.75]])), np.array([1]))), 4)
    0.2877
    """
    log_p, y = np.asarray(log_p), np.asarray(y)
    log_p, y, shape = in_rows("nll", "log_p", log_p, y)
    if np.ndim(y) != 1:
        raise ShapeError("RG107", f"nll takes class numbers (N,), and y has shape {np.shape(y)}")
    check_class_weight(class_weight, log_p)
    loss = loss_of_classes(
        log_p, y, class_weight, 0.0, ignore_index, reduction, sample_weight, shape
    )
    return loss
