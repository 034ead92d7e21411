"""Mean squared error."""

from __future__ import annotations

from typing import Any

from retrograd.losses.reduction import check_same_shape, reduced


def mse(p: Any, y: Any, *, reduction: str = "mean", sample_weight: Any = None) -> Any:
    """(p - y)**2, averaged over all elements.

    Args:
        p: predictions, any shape.
        y: targets, the same shape.
        reduction: "mean", "sum", or "none" for one loss for each element.
        sample_weight: (N,), or None; see `losses.reduction.reduced`.

    Returns:
        A scalar. Its gradient is 2 * (p - y) / (number of elements).

    Raises:
        ShapeError: RG107, the shapes differ: (N, 1) minus (N,) would be (N, N).
        ArgumentError: RG601, another reduction.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), eq. 1.2, without its 1/2.

    >>> import numpy as np
    >>> float(mse(np.array([1.0, 3.0]), np.array([0.0, 1.0])))
    2.5
    """
    check_same_shape("mse", p, y)
    loss = reduced((p - y) ** 2, reduction, sample_weight)
    return loss
