"""What the losses share: one number from many, weights of examples, and shapes that must agree."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.errors import ArgumentError, ShapeError

REDUCTIONS = ("mean", "sum", "none")


def check_reduction(reduction: str, allowed: tuple[str, ...] = REDUCTIONS) -> None:
    """Refuse another word (RG601)."""
    if reduction not in allowed:
        raise ArgumentError(
            "RG601", f"reduction must be {' or '.join(map(repr, allowed))}, not {reduction!r}"
        )


def check_same_shape(name: str, p: Any, y: Any) -> None:
    """Refuse a prediction and a target of two shapes (RG107)."""
    if np.shape(p) == np.shape(y):
        return
    fits = np.size(p) == np.size(y)
    raise ShapeError(
        "RG107",
        f"{name} compares two arrays of one shape, and got {np.shape(p)} and {np.shape(y)}",
        notes=("NumPy would broadcast them, and compare every row with every other",)
        if np.ndim(p) != np.ndim(y)
        else (),
        help=f"y.reshape({np.shape(p)}), if the numbers stand in the same order" if fits else "",
    )


def reduced(losses: Any, reduction: str, sample_weight: Any) -> Any:
    """The losses as one number, or as they are.

    Args:
        losses: one for each example, (N,), or for each element, (N, ...).
        reduction: "mean", "sum" or "none".
        sample_weight: (N,), one weight for each example, or in the shape of the losses; None for
            equal ones. The mean is the weighted mean, sum(w * loss) / sum(w).

    Returns:
        A scalar, or with "none" the losses, each times its weight.

    Raises:
        ArgumentError: RG601, another reduction.
        ShapeError: RG107, weights in another shape.
    """
    check_reduction(reduction)
    if sample_weight is None:
        weighted = losses
    else:
        sample_weight = weights_of(np.shape(losses), sample_weight)
        weighted = sample_weight * losses
    if reduction == "none":
        return weighted
    if reduction == "sum":
        return np.sum(weighted)
    if sample_weight is None:
        return np.mean(weighted)
    return np.mean(weighted) / np.mean(sample_weight)


def weights_of(shape: tuple[Any, ...], sample_weight: Any) -> Any:
    """Weights as they broadcast to losses of a shape: given in it, or one for each example.

    Raises:
        ShapeError: RG107, weights in another shape.
    """
    if np.shape(sample_weight) == shape:
        return sample_weight
    if np.ndim(sample_weight) == 1 and shape and np.shape(sample_weight)[0] == shape[0]:
        return np.reshape(sample_weight, (-1, *(1,) * (len(shape) - 1)))
    raise ShapeError(
        "RG107",
        f"sample_weight has shape {np.shape(sample_weight)}, and there are {shape} losses",
        help="one weight for each example, shape (N,)",
    )
