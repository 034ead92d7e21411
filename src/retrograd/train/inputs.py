"""What the trainer is given: shapes, numbers that are finite, pixels that are not scaled."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from retrograd.errors import ArgumentError, LikelyMistake, NumericsError, ShapeError

Array = np.ndarray[Any, Any]

_LARGE = 16  # scaled data is rarely above


def check_shapes(X: Array, y: Array, *, rows_alone: bool) -> None:
    """X must have rows, and y as many.

    Args:
        X: the examples.
        y: the labels or targets.
        rows_alone: whether an example must be a row of features.

    Raises:
        ShapeError: RG604, X is empty or has another form, or y has another length.
        ArgumentError: RG601, X holds no numbers.
    """
    if X.ndim < 2 or X.size == 0 or (X.ndim > 2 and rows_alone):
        way = "X.reshape(len(X), -1)" if X.ndim > 2 else "X.reshape(-1, 1)" if X.ndim == 1 else ""
        raise ShapeError("RG604", f"X must be (N, D) and not empty; it is {X.shape}", help=way)
    if y.shape[:1] != X.shape[:1]:
        raise ShapeError("RG604", f"X has {len(X)} rows and y has shape {y.shape}")
    if X.dtype.kind not in "fiub":
        raise ArgumentError("RG601", f"X must hold numbers, and its dtype is {X.dtype}")


def finite(name: str, array: Array, dtype: np.dtype[Any]) -> Array:
    """The array, floats in a dtype; whole numbers stay, and are taken to it a batch at a time.

    Raises:
        NumericsError: RG303, it contains NaN or inf, or overflows.
    """
    if array.dtype.kind != "f":
        return array
    array = array.astype(dtype, copy=False)
    if not np.isfinite(array).all():
        raise NumericsError("RG303", f"{name} contains NaN or inf, or overflows {dtype}")
    return array


def warn_of_pixels(X: Array, stacklevel: int) -> bool:
    """Warn if X holds large whole numbers; whether it does.

    Args:
        X: the examples.
        stacklevel: as `warnings.warn` takes it, seen from here.
    """
    if X.dtype.kind not in "iu" or not X.max() > _LARGE:
        return False
    warnings.warn(
        LikelyMistake(
            "RG606",
            f"X holds whole numbers up to {X.max()}: pixels that are not scaled?",
            notes=("the first layer then gives numbers that are far too large to learn from",),
            help=f"X / {X.max()} has numbers from {X.min() / X.max():.3g} to 1; "
            f"or begin the network with layers.Rescale(1 / {X.max()})",
        ),
        stacklevel=stacklevel,
    )
    return True
