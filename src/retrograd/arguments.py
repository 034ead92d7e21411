"""Numbers that a caller gives: what range they are in, and the error if they are not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from retrograd.errors import ArgumentError


def in_range(
    name: str,
    value: Any,
    low: float,
    high: float,
    *,
    open_low: bool = False,
    closed_high: bool = False,
) -> float:
    """The value as a float.

    Raises:
        ArgumentError: RG601, it is no number between the bounds.
    """
    fits = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    number = float(value) if fits else math.nan
    above = number > low if open_low else number >= low
    below = number <= high if closed_high else number < high
    if not (above and below):
        left, right = "(" if open_low else "[", "]" if closed_high else ")"
        raise ArgumentError(
            "RG601", f"{name} must be in {left}{low:g}, {high:g}{right}, not {value!r}"
        )
    return number


def whole_number(name: str, value: Any, least: int = 1) -> int:
    """The value as an int.

    Raises:
        ArgumentError: RG601, it is no whole number from `least` on.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ArgumentError("RG601", f"{name} must be a whole number from {least}, not {value!r}")
    return int(value)
