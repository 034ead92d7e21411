"""The hinge loss for two classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.losses.reduction import check_same_shape, reduced


def hinge(z: Any, y: Any, *, reduction: str = "mean", sample_weight: Any = None) -> Any:
    """max(0, 1 - y * z), for two classes named -1 and 1. Its slope at the kink counts as 0.

    Args:
        z: scores, any shape.
        y: -1 or 1, the same shape.
        reduction: "mean", "sum", or "none" for one loss for each element.
        sample_weight: (N,), or None; see `losses.reduction.reduced`.

    Returns:
        A scalar. Its gradient is -y / (number of elements) where y * z < 1, else 0.

    Raises:
        ShapeError: RG107, the shapes differ.
        ArgumentError: RG601, another reduction.

    Source: Cortes and Vapnik, "Support-Vector Networks" (1995), eq. 29 to 31.

    >>> float(hinge(np.array([0.5, 3.0]), np.array([1.0, 1.0])))
    0.25
    """
    check_same_shape("hinge", z, y)
    loss = reduced(np.maximum(1 - y * z, 0), reduction, sample_weight)
    return loss
