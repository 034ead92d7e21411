"""Mean squared error."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.errors import ShapeError


def mse(p: Any, y: Any) -> Any:
    """mean((p - y)**2) over all elements.

    Args:
        p: predictions, any shape.
        y: targets, the same shape.

    Returns:
        A scalar. Its gradient is 2 * (p - y) / (number of elements).

    Raises:
        ShapeError: RG107, the shapes differ: (N, 1) minus (N,) would be (N, N).

    >>> float(mse(np.array([1.0, 3.0]), np.array([0.0, 1.0])))
    2.5
    """
    if np.shape(p) != np.shape(y):
        raise ShapeError(
            "RG107",
            f"mse compares two arrays of one shape, and got {np.shape(p)} and {np.shape(y)}",
            help="y.reshape(p.shape), if both hold the same numbers of elements",
        )
    loss = np.mean((p - y) ** 2)
    return loss
