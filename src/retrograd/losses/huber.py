"""Huber's loss: a parabola with straight ends."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.arguments import check_range
from retrograd.losses.reduction import check_same_shape, reduced


def huber(
    p: Any,
    y: Any,
    delta: float = 1.0,
    *,
    reduction: str = "mean",
    sample_weight: Any = None,
) -> Any:
    """(p - y)**2 / 2 up to a distance of delta, and delta * (|p - y| - delta / 2) beyond.

    Args:
        p: predictions, any shape.
        y: targets, the same shape.
        delta: where the parabola ends, above 0.
        reduction: "mean", "sum", or "none" for one loss for each element.
        sample_weight: (N,), or None; see `losses.reduction.reduced`.

    Returns:
        A scalar. Its gradient is p - y, cut at -delta and delta, over the number of elements.

    Raises:
        ShapeError: RG107, the shapes differ.
        ArgumentError: RG601, another reduction, or a delta that is not above 0.

    Source: Huber, "Robust Estimation of a Location Parameter" (1964), example (iii).

    >>> float(huber(np.array([0.5, 3.0]), np.zeros(2), reduction="sum"))
    2.625
    """
    check_range("delta", delta, 0, np.inf, open_low=True)
    check_same_shape("huber", p, y)
    distance = np.abs(p - y)
    parabola, line = 0.5 * distance**2, delta * (distance - 0.5 * delta)
    loss = reduced(np.where(distance <= delta, parabola, line), reduction, sample_weight)
    return loss
