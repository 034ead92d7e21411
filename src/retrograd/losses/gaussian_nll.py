"""The negative log-likelihood of numbers with a variance."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from retrograd.arguments import check_range
from retrograd.errors import ShapeError
from retrograd.losses.reduction import check_same_shape, reduced
from retrograd.ops.check_values import values_within


def gaussian_nll(
    mean: Any,
    y: Any,
    var: Any,
    *,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
    sample_weight: Any = None,
) -> Any:
    """How unlikely y is, where a mean with a variance is expected.

    Args:
        mean: predictions, any shape.
        y: targets, the same shape.
        var: variances, 0 or more: the same shape, or without its last axis, or that of length 1.
        full: whether log(2 * pi) / 2 is added.
        eps: the least variance, above 0; below it the variance gets no gradient.
        reduction: "mean", "sum", or "none" for one loss for each element.
        sample_weight: (N,), or None; see `losses.reduction.reduced`.

    Returns:
        A scalar: (log(var) + (mean - y)**2 / var) / 2.

    Raises:
        ShapeError: RG107, the shapes differ.
        LabelError: RG209, a variance below 0.
        ArgumentError: RG601, another reduction, or eps not above 0.

    Source: Nix and Weigend, "Estimating the Mean and Variance of the Target Probability
    Distribution" (1994), eq. 1.

    >>> float(gaussian_nll(np.array([1.0]), np.array([3.0]), np.array([4.0])).round(4))
    1.1931
    """
    check_range("eps", eps, 0, np.inf, open_low=True)
    check_same_shape("gaussian_nll", mean, y)
    if np.ndim(var) and np.shape(var) != np.shape(mean):
        if np.shape(var) == np.shape(mean)[:-1]:
            var = var[..., None]
        elif np.shape(var) != (*np.shape(mean)[:-1], 1):
            raise ShapeError(
                "RG107", f"var has shape {np.shape(var)}, and the mean {np.shape(mean)}"
            )
    values_within(var, 0, np.inf, "var")
    least = np.maximum(var, eps)
    losses = 0.5 * (np.log(least) + (mean - y) ** 2 / least)
    if full:
        losses = losses + 0.5 * math.log(2 * math.pi)
    loss = reduced(losses, reduction, sample_weight)
    return loss
