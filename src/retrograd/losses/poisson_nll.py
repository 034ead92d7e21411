"""The negative log-likelihood of counts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from retrograd.arguments import check_range
from retrograd.losses.reduction import check_same_shape, reduced


def poisson_nll(
    z: Any,
    y: Any,
    *,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
    reduction: str = "mean",
    sample_weight: Any = None,
) -> Any:
    """How unlikely counts y are, where rate e**z is expected: e**z - y * z.

    Args:
        z: logarithms of rates, any shape; with log_input=False the rates themselves.
        y: counts, 0 or more, the same shape.
        log_input: what z holds.
        full: whether log(y!) is added, by Stirling's formula for y above 1.
        eps: added to a rate before its logarithm is taken.
        reduction: "mean", "sum", or "none" for one loss for each element.
        sample_weight: (N,), or None; see `losses.reduction.reduced`.

    Returns:
        A scalar. Its gradient is (e**z - y) over the number of elements.

    Raises:
        ShapeError: RG107, the shapes differ.
        ArgumentError: RG601, another reduction.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), section 4.3.6 (canonical
    links); Abramowitz and Stegun, Handbook of Mathematical Functions, 6.1.37.

    >>> float(poisson_nll(np.array([0.0]), np.array([2.0])))
    1.0
    """
    check_range("eps", eps, 0, np.inf)
    check_same_shape("poisson_nll", z, y)
    losses = np.exp(z) - y * z if log_input else z - y * np.log(z + eps)
    if full:
        some = np.where(y > 1, y, 1)
        stirling = some * np.log(some) - some + 0.5 * np.log(2 * math.pi * some)
        losses = losses + np.where(y > 1, stirling, 0)
    loss = reduced(losses, reduction, sample_weight)
    return loss
