"""A warning about pixels that are not scaled."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from retrograd.errors import LikelyMistake

_LARGE = 16  # scaled data is rarely above


def warn_of_pixels(X: np.ndarray[Any, Any], stacklevel: int) -> bool:
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
