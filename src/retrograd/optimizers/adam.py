"""Adam: adaptive moment estimation."""

from __future__ import annotations

import math

import numpy as np

from retrograd.optimizers.moments import Moments
from retrograd.optimizers.optimizer import Array


class Adam(Moments):
    """parameters -= learning_rate * m' / (sqrt(v') + epsilon), bias-corrected.

    Args:
        learning_rate: above 0.
        beta1: decay of the mean m of gradients, from 0 up to 1, excluded.
        beta2: decay of the mean v of squared gradients, from 0 up to 1, excluded.
        epsilon: added to the root, above 0.
        weight_decay: this share of the parameters is added to the gradient, 0 or more.
        maximize: whether to go up instead of down.
        amsgrad: whether v' never falls: its largest value so far is used.

    Raises:
        ArgumentError: RG601, a value outside of its range.

    Sources: Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2015), algorithm 1;
    Reddi, Kale and Kumar, "On the Convergence of Adam and Beyond" (2018), algorithm 2.

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
        weight_decay: float = 0.0,
        maximize: bool = False,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(learning_rate, beta1, beta2, epsilon, weight_decay, maximize)
        self.amsgrad = bool(amsgrad)

    def begin(self, parameters: Array) -> None:
        """The two means, 0."""
        super().begin(parameters)
        self.largest = np.zeros_like(parameters) if self.amsgrad else self.square

    def step(self, parameters: Array, gradient: Array) -> None:
        """One step, in place."""
        self.average(gradient)
        if self.amsgrad:
            np.maximum(self.largest, self.square, out=self.largest)
        # sqrt(v') = sqrt(v) / correction: it goes into the step's length and into epsilon instead
        correction = math.sqrt(1 - self.beta2**self.steps)
        length = self.learning_rate * correction / (1 - self.beta1**self.steps)
        root = np.sqrt(self.largest)
        root += self.epsilon * correction
        parameters -= length * self.mean / root
