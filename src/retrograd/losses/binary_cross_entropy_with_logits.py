"""Binary cross-entropy of logits: sigmoid and loss in one."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.errors import ShapeError
from retrograd.losses.reduction import check_same_shape, reduced
from retrograd.ops.arithmetic import weighted
from retrograd.ops.sigmoid import log_sigmoid


def binary_cross_entropy_with_logits(
    z: Any,
    y: Any,
    *,
    pos_weight: Any = None,
    reduction: str = "mean",
    sample_weight: Any = None,
) -> Any:
    """Binary cross-entropy of p = sigmoid(z), exact for logits of any size.

    Args:
        z: logits, any shape: what the last layer returns, without sigmoid; -inf masks one out.
        y: labels from 0 to 1, the same shape; several may be 1 in one example.
        pos_weight: what label 1 counts, one number or one for each of the last axis; None for 1.
        reduction: "mean", "sum", or "none" for one loss for each element.
        sample_weight: (N,), or None; see `losses.reduction.reduced`.

    Returns:
        A scalar. Its gradient is (p - y) over the number of elements.

    Raises:
        ShapeError: RG107, the shapes differ.
        ArgumentError: RG601, another reduction.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), eq. 4.90 and 4.91.

    >>> round(float(binary_cross_entropy_with_logits(np.array([0.0, 1000.0]), np.ones(2))), 4)
    0.3466
    """
    check_same_shape("binary_cross_entropy_with_logits", z, y)
    log_p = weighted(y, log_sigmoid(z))
    if pos_weight is not None:
        if np.shape(pos_weight) not in ((), (1,), np.shape(z)[-1:], np.shape(z)):
            raise ShapeError(
                "RG107",
                f"pos_weight has shape {np.shape(pos_weight)}, and the logits {np.shape(z)}",
            )
        log_p = pos_weight * log_p
    log_q = weighted(1 - y, log_sigmoid(z, negative=True))
    loss = reduced(-(log_p + log_q), reduction, sample_weight)
    return loss
