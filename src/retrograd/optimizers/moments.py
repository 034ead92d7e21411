"""What Adam and its relatives share: running means of the gradient and of its square."""

from __future__ import annotations

import math

import numpy as np

from retrograd.arguments import in_range
from retrograd.optimizers.optimizer import Array, Optimizer


class Moments(Optimizer):
    """m = beta1 * m + (1 - beta1) * gradient;  v = beta2 * v + (1 - beta2) * gradient**2.

    Args:
        learning_rate: above 0.
        beta1: decay of the mean m, from 0 up to 1, excluded.
        beta2: decay of the mean v, from 0 up to 1, excluded.
        epsilon: added to a root, above 0.
        weight_decay: this share of the parameters is added to the gradient, 0 or more.
        maximize: whether to go up instead of down.
    """

    def __init__(
        self,
        learning_rate: float,
        beta1: float,
        beta2: float,
        epsilon: float,
        weight_decay: float,
        maximize: bool,
    ) -> None:
        super().__init__(learning_rate, weight_decay, maximize)
        self.beta1 = in_range("beta1", beta1, 0.0, 1.0)
        self.beta2 = in_range("beta2", beta2, 0.0, 1.0)
        self.epsilon = in_range("epsilon", epsilon, 0.0, math.inf, open_low=True)

    def begin(self, parameters: Array) -> None:
        """The two means, 0."""
        self.mean = np.zeros_like(parameters)
        self.square = np.zeros_like(parameters)

    def average(self, gradient: Array) -> None:
        """Count a gradient in the two means."""
        self.mean *= self.beta1
        self.mean += (1 - self.beta1) * gradient
        self.square *= self.beta2
        self.square += (1 - self.beta2) * gradient**2
