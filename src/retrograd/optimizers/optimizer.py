"""What every optimizer has."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from retrograd.arguments import in_range

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
        self.move(parameters, gradient)

    def move(self, parameters: Array, gradient: Array) -> None:
        """The step, with what is the same for every optimizer; in place."""
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
