"""When two arrays are the same, but for a number."""

from __future__ import annotations

from typing import Any

import numpy as np


def ratio(right: Any, found: Any) -> float | None:
    """The number k with found = k * right, if there is one and it is not 0."""
    right, found = np.ravel(right).astype(float), np.ravel(found).astype(float)
    size = float(right @ right)
    if right.shape != found.shape or size == 0 or not np.isfinite(size):
        return None
    k = float(right @ found) / size
    if k == 0 or not np.isfinite(k):
        return None
    off = np.max(np.abs(found - k * right), initial=0)
    return k if off <= 1e-8 * np.max(np.abs(found), initial=0) else None
