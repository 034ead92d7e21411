"""Adadelta: steps in the unit of the parameters."""

from __future__ import annotations

import math

import numpy as np

from retrograd.arguments import in_range
from retrograd.optimizers.optimizer import Array, Optimizer


class Adadelta(Optimizer):
    """delta = sqrt(d + epsilon) / sqrt(v + epsilon) * gradient, times the learning rate.

    v and d are running means of gradient**2 and delta**2.

    Args:
        learning_rate: above 0; the paper has 1.
        rho: decay of the means, from 0 to 1.
        epsilon: added under both roots, above 0.
        weight_decay: this share of the parameters is added to the gradient, 0 or more.
        maximize: whether to go up instead of down.

    Raises:
        ArgumentError: RG601, a value outside of its range.

    Source: Zeiler, "ADADELTA: An Adaptive Learning Rate Method" (2012), algorithm 1.

    >>> w = np.array([1.0])
    >>> Adadelta().update(w, np.array([2.0]))
    >>> bool(w < 1)
    True
    """

    def __init__(
        self,
        learning_rate: float = 1.0,
        rho: float = 0.9,
        epsilon: float = 1e-6,
        weight_decay: float = 0.0,
        maximize: bool = False,
    ) -> None:
        super().__init__(learning_rate, weight_decay, maximize)
        self.rho = in_range("rho", rho, 0.0, 1.0, closed_high=True)
        self.epsilon = in_range("epsilon", epsilon, 0.0, math.inf, open_low=True)

    def begin(self, parameters: Array) -> None:
        """The two means, 0."""
        self.square = np.zeros_like(parameters)
        self.moved = np.zeros_like(parameters)

    def step(self, parameters: Array, gradient: Array) -> None:
        """One step, in place."""
        self.square *= self.rho
        self.square += (1 - self.rho) * gradient**2
        delta = np.sqrt((self.moved + self.epsilon) / (self.square + self.epsilon)) * gradient
        self.moved *= self.rho
        self.moved += (1 - self.rho) * delta**2
        parameters -= self.learning_rate * delta
