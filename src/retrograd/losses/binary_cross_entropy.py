"""Binary cross-entropy of probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.losses.reduction import check_same_shape, reduced
from retrograd.ops.check_values import values_within


def binary_cross_entropy(
    p: Any, y: Any, *, reduction: str = "mean", sample_weight: Any = None
) -> Any:
    """-(y * log(p) + (1 - y) * log(1 - p)), of probabilities.

    Prefer `binary_cross_entropy_with_logits`: it is exact where p rounds to 0 or 1. Here, as in
    PyTorch, a logarithm is never below -100; there the gradient is 0.

    Args:
        p: probabilities from 0 to 1, any shape.
        y: labels from 0 to 1, the same shape.
        reduction: "mean", "sum", or "none" for one loss for each element.
        sample_weight: (N,), or None; see `losses.reduction.reduced`.

    Returns:
        A scalar. Its gradient is (p - y) / (p * (1 - p)) over the number of elements.

    Raises:
        ShapeError: RG107, the shapes differ.
        LabelError: RG209, p or y outside 0 to 1.
        ArgumentError: RG601, another reduction.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), eq. 4.90.

    >>> round(float(binary_cross_entropy(np.array([0.8]), np.array([1.0]))), 4)
    0.2231
    """
    check_same_shape("binary_cross_entropy", p, y)
    values_within(p, 0, 1, "p")
    values_within(y, 0, 1, "y")
    log_p, log_q = _log(p), _log(1 - p)
    loss = reduced(-(y * log_p + (1 - y) * log_q), reduction, sample_weight)
    return loss


def _log(p: Any) -> Any:
    """log(p), or -100 where that is lower; there it has no slope."""
    return np.where(p > 0, np.maximum(np.log(np.where(p > 0, p, 1)), -100), -100)
