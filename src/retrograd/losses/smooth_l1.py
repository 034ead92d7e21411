"""Smooth L1: Huber's loss in the unit of the absolute error."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.arguments import check_range
from retrograd.losses.reduction import check_same_shape, reduced


def smooth_l1(
    p: Any,
    y: Any,
    beta: float = 1.0,
    *,
    reduction: str = "mean",
    sample_weight: Any = None,
) -> Any:
    """(p - y)**2 / (2 * beta) up to a distance of beta, and |p - y| - beta / 2 beyond.

    This is huber(p, y, beta) / beta; with beta = 0 it is the absolute error.

    Args:
        p: predictions, any shape.
        y: targets, the same shape.
        beta: where the parabola ends, 0 or more.
        reduction: "mean", "sum", or "none" for one loss for each element.
        sample_weight: (N,), or None; see `losses.reduction.reduced`.

    Returns:
        A scalar.

    Raises:
        ShapeError: RG107, the shapes differ.
        ArgumentError: RG601, another reduction, or a beta below 0.

    Source: Girshick, "Fast R-CNN" (2015), eq. 3.

    >>> float(smooth_l1(np.array([0.5, 3.0]), np.zeros(2), reduction="sum"))
    2.625
    """
    check_range("beta", beta, 0, np.inf)
    check_same_shape("smooth_l1", p, y)
    distance = np.abs(p - y)
    if beta > 0:
        parabola, line = 0.5 / beta * distance**2, distance - 0.5 * beta
        distance = np.where(distance < beta, parabola, line)
    loss = reduced(distance, reduction, sample_weight)
    return loss
