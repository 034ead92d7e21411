"""What every optimizer has."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from retrograd.errors import ArgumentError

Array = np.ndarray[Any, Any]


class Optimizer(ABC):
    """Moves parameters against their gradient.

    Args:
        learning_rate: the length of a step, above 0.
    """

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate = in_range("learning_rate", learning_rate, 0.0, math.inf, open_low=True)

    @abstractmethod
    def update(self, parameters: Array, gradient: Array) -> None:
        """Change `parameters` in place, both of shape (number of parameters,)."""


def in_range(
    name: str,
    value: Any,
    low: float,
    high: float,
    *,
    open_low: bool = False,
) -> float:
    """The value as a float.

    Raises:
        ArgumentError: RG601, it is no number between the bounds.
    """
    fits = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    number = float(value) if fits else math.nan
    above = number > low if open_low else number >= low
    below = number < high
    if not (above and below):
        left, right = "(" if open_low else "[", ")"
        raise ArgumentError(
            "RG601", f"{name} must be in {left}{low:g}, {high:g}{right}, not {value!r}"
        )
    return number
