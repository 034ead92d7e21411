"""Adam: adaptive moment estimation."""

from __future__ import annotations

import math

import numpy as np

from retrograd.optimizers.optimizer import Array, Optimizer, in_range


class Adam(Optimizer):
    """parameters -= learning_rate * m' / (sqrt(v') + epsilon), bias-corrected.

    Args:
        learning_rate: above 0.
        beta1: decay of the mean m of gradients, from 0 up to 1, excluded.
        beta2: decay of the mean v of squared gradients, from 0 up to 1, excluded.
        epsilon: added to the root, above 0.

    Raises:
        ArgumentError: RG601, a value outside of its range.

    Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2015), algorithm 1.

    >>> w = np.array([1.0, 1.0])
    >>> Adam(learning_rate=0.1).update(w, np.array([2.0, -0.01]))
    >>> w.round(6).tolist()
    [0.9, 1.1]
    """

    def __init__(
        self,
        learning_rate: float = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        super().__init__(learning_rate)
        self.beta1 = in_range("beta1", beta1, 0.0, 1.0)
        self.beta2 = in_range("beta2", beta2, 0.0, 1.0)
        self.epsilon = in_range("epsilon", epsilon, 0.0, math.inf, open_low=True)
        self.steps = 0
        self.mean: Array | None = None
        self.square: Array | None = None

    def update(self, parameters: Array, gradient: Array) -> None:
        """One step, in place."""
        if self.mean is None or self.square is None:
            self.mean = np.zeros_like(parameters)
            self.square = np.zeros_like(parameters)
        self.steps += 1
        self.mean *= self.beta1
        self.mean += (1 - self.beta1) * gradient
        self.square *= self.beta2
        self.square += (1 - self.beta2) * gradient**2
        # the corrections of m and v go into the step's length and the root's unit
        correction = math.sqrt(1 - self.beta2**self.steps)
        root = np.sqrt(self.square)
        root /= correction
        root += self.epsilon
        parameters -= (self.learning_rate / (1 - self.beta1**self.steps)) * self.mean / root
