"""Numbers that a caller gives: what range they are in, and the error if they are not."""

from __future__ import annotations

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
    check_range(name, value, low, high, open_low=open_low, closed_high=closed_high)
    return float(value)


def check_range(
    name: str,
    value: Any,
    low: float,
    high: float,
    *,
    open_low: bool = False,
    closed_high: bool = False,
) -> None:
    """Refuse what is no number between two bounds; in a function that is recorded, too.

    Raises:
        ArgumentError: RG601.
    """
    kinds = int | float | np.number | np.ndarray  # the last one: a number that is recorded
    fits = isinstance(value, kinds) and not isinstance(value, bool) and np.ndim(value) == 0
    above = fits and (value > low if open_low else value >= low)
    if not above or not (value <= high if closed_high else value < high):
        left, right = "(" if open_low else "[", "]" if closed_high else ")"
        raise ArgumentError(
            "RG601", f"{name} must be in {left}{low:g}, {high:g}{right}, not {value!r}"
        )


def whole_number(name: str, value: Any, least: int = 1) -> int:
    """The value as an int.

    Raises:
        ArgumentError: RG601, it is no whole number from `least` on.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ArgumentError("RG601", f"{name} must be a whole number from {least}, not {value!r}")
    return int(value)
