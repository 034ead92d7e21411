"""Adamax: Adam with the largest gradient in place of the mean square."""

from __future__ import annotations

import math

import numpy as np

from retrograd.arguments import in_range
from retrograd.optimizers.optimizer import Array, Optimizer


class Adamax(Optimizer):
    """u = max(beta2 * u, |gradient| + epsilon);  parameters -= learning_rate * m' / u.

    Args:
        learning_rate: above 0.
        beta1: decay of the mean m of gradients, from 0 up to 1, excluded.
        beta2: decay of the largest gradient, from 0 up to 1, excluded.
        epsilon: keeps u above 0.
        weight_decay: this share of the parameters is added to the gradient, 0 or more.
        maximize: whether to go up instead of down.

    Raises:
        ArgumentError: RG601, a value outside of its range.

    Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2015), algorithm 2.

    >>> w = np.array([1.0, 1.0])
    >>> Adamax(learning_rate=0.1).update(w, np.array([2.0, -0.01]))
    >>> w.round(6).tolist()
    [0.9, 1.1]
    """

    def __init__(
        self,
        learning_rate: float = 2e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
        maximize: bool = False,
    ) -> None:
        super().__init__(learning_rate, weight_decay, maximize)
        self.beta1 = in_range("beta1", beta1, 0.0, 1.0)
        self.beta2 = in_range("beta2", beta2, 0.0, 1.0)
        self.epsilon = in_range("epsilon", epsilon, 0.0, math.inf, open_low=True)

    def begin(self, parameters: Array) -> None:
        """The mean and the largest gradient, 0."""
        self.mean = np.zeros_like(parameters)
        self.largest = np.zeros_like(parameters)

    def step(self, parameters: Array, gradient: Array) -> None:
        """One step, in place."""
        self.mean *= self.beta1
        self.mean += (1 - self.beta1) * gradient
        self.largest *= self.beta2
        np.maximum(self.largest, np.abs(gradient) + self.epsilon, out=self.largest)
        length = self.learning_rate / (1 - self.beta1**self.steps)
        parameters -= length * self.mean / self.largest
