"""Mean absolute error."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.losses.reduction import check_same_shape, reduced


def mae(p: Any, y: Any, *, reduction: str = "mean", sample_weight: Any = None) -> Any:
    """|p - y|, averaged over all elements. Its slope where p is y counts as 0.

    Args:
        p: predictions, any shape.
        y: targets, the same shape.
        reduction: "mean", "sum", or "none" for one loss for each element.
        sample_weight: (N,), or None; see `losses.reduction.reduced`.

    Returns:
        A scalar. Its gradient is sign(p - y) / (number of elements).

    Raises:
        ShapeError: RG107, the shapes differ.
        ArgumentError: RG601, another reduction.

    >>> float(mae(np.array([1.0, 3.0]), np.array([0.0, 1.0])))
    1.5
    """
    check_same_shape("mae", p, y)
    loss = reduced(np.abs(p - y), reduction, sample_weight)
    return loss
