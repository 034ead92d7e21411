"""The hinge loss for many classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.arguments import check_range
from retrograd.errors import ArgumentError, LabelError, ShapeError
from retrograd.losses.reduction import reduced
from retrograd.ops.check_values import labels_within


def multi_margin(
    z: Any,
    y: Any,
    p: int = 1,
    margin: float = 1.0,
    class_weight: Any = None,
    *,
    reduction: str = "mean",
    sample_weight: Any = None,
) -> Any:
    """For each example the sum over wrong classes c of max(0, margin - z[y] + z[c])**p / C.

    Args:
        z: scores, (N, C).
        y: class numbers, (N,).
        p: 1 or 2.
        margin: by how much the right class has to be ahead.
        class_weight: (C,), what the loss of an example of each class counts; None for 1.
        reduction: "mean" over examples, "sum", or "none" for one loss for each, (N,).
        sample_weight: (N,), or None; see `losses.reduction.reduced`.

    Returns:
        A scalar.

    Raises:
        ShapeError: RG107, shapes other than these.
        LabelError: RG201, class numbers of a float dtype; RG202, one without a class.
        ArgumentError: RG601, another reduction or p.

    Source: Crammer and Singer, "On the Algorithmic Implementation of Multiclass Kernel-based
    Vector Machines" (2001), with the sum over classes as PyTorch has it.

    >>> float(multi_margin(np.array([[0.5, 1.0]]), np.array([0])))
    0.75
    """
    if p not in (1, 2):
        raise ArgumentError("RG601", f"p of multi_margin must be 1 or 2, not {p!r}")
    check_range("margin", margin, -np.inf, np.inf)
    z, y = np.asarray(z), np.asarray(y)
    if np.ndim(z) != 2 or np.shape(y) != (np.shape(z)[0],):
        raise ShapeError(
            "RG107",
            f"multi_margin takes scores (N, C) and y (N,), and got {np.shape(z)} and {np.shape(y)}",
        )
    if y.dtype.kind not in "iu":
        raise LabelError(
            "RG201", f"y holds class numbers, but its dtype is {y.dtype}", help="y.astype(int)"
        )
    N, C = z.shape
    labels_within(y, z, C)
    rows = np.arange(N)
    behind = np.maximum(margin - z[rows, y][:, None] + z, 0)  # (N, C)
    if p == 2:
        behind = behind**2
    if class_weight is not None:
        class_weight = np.asarray(class_weight)
        if np.shape(class_weight) != (C,):
            raise ShapeError(
                "RG107",
                f"class_weight has shape {np.shape(class_weight)}, and there are {C} classes",
            )
        behind = class_weight[y][:, None] * behind
    others = np.where(np.arange(C) == y[:, None], 0, behind)
    loss = reduced(np.sum(others, axis=1) / C, reduction, sample_weight)
    return loss
