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
        learning_rate: the length of a step, above 0. A schedule may change it between steps.
        weight_decay: this share of the parameters is added to the gradient, 0 or more: the gradient
            of weight_decay / 2 times the sum of their squares.
        maximize: whether to go up instead of down.

    Raises:
        ArgumentError: RG601, a value outside of its range.
    """

    def __init__(
        self, learning_rate: float, weight_decay: float = 0.0, maximize: bool = False
    ) -> None:
        self.learning_rate = in_range("learning_rate", learning_rate, 0.0, math.inf, open_low=True)
        self.weight_decay = in_range("weight_decay", weight_decay, 0.0, math.inf)
        self.maximize = bool(maximize)
        self.steps = 0

    def update(self, parameters: Array, gradient: Array) -> None:
        """Change `parameters` in place, both of shape (number of parameters,)."""
        if self.steps == 0:
            self.begin(parameters)
        self.steps += 1
        if self.maximize:
            gradient = -gradient
        if self.weight_decay and not self.decoupled:
            gradient = gradient + self.weight_decay * parameters
        self.step(parameters, gradient)

    decoupled = False  # whether weight decay is the step's own, not part of the gradient

    @abstractmethod
    def begin(self, parameters: Array) -> None:
        """Make what is kept from step to step, in the shape of the parameters."""

    @abstractmethod
    def step(self, parameters: Array, gradient: Array) -> None:
        """Step number `self.steps`, in place."""


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
