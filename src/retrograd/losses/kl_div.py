"""How far one distribution is from another: Kullback and Leibler's divergence."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.losses.reduction import check_reduction, check_same_shape, reduced
from retrograd.ops.arithmetic import weighted


def kl_div(
    log_p: Any,
    y: Any,
    *,
    log_target: bool = False,
    reduction: str = "mean",
    sample_weight: Any = None,
) -> Any:
    """y * (log(y) - log_p): how far p is from the target y.

    Args:
        log_p: logarithms of probabilities, any shape.
        y: probabilities, the same shape; with log_target their logarithms.
        log_target: what y holds.
        reduction: "batchmean" divides the sum by the number of examples, which is the divergence;
            "mean" divides by the number of elements, as in PyTorch; "sum"; or "none".
        sample_weight: (N,), or None; see `losses.reduction.reduced`.

    Returns:
        A scalar. Its gradient is -y over what it is divided by.

    Raises:
        ShapeError: RG107, the shapes differ.
        ArgumentError: RG601, another reduction.

    Source: Kullback and Leibler, "On Information and Sufficiency" (1951), eq. 2.4.

    >>> p = np.array([[0.5, 0.5]])
    >>> float(kl_div(np.log(p), np.array([[1.0, 0.0]]), reduction="batchmean").round(4))
    0.6931
    """
    check_reduction(reduction, ("batchmean", "mean", "sum", "none"))
    check_same_shape("kl_div", log_p, y)
    if log_target:
        losses = weighted(np.exp(y), y - log_p)
    else:
        log_y = np.log(np.where(y > 0, y, 1))
        losses = weighted(y, log_y - log_p)
    if reduction != "batchmean":
        loss = reduced(losses, reduction, sample_weight)
        return loss
    count = len(losses) if sample_weight is None else np.sum(sample_weight)
    loss = reduced(losses, "sum", sample_weight) / count
    return loss
