"""RMSprop: gradients over their running size."""

from __future__ import annotations

import math

import numpy as np

from retrograd.arguments import in_range
from retrograd.optimizers.optimizer import Array, Optimizer


class RMSprop(Optimizer):
    """v = alpha * v + (1 - alpha) * gradient**2;  parameters -= learning_rate * gradient / sqrt(v).

    Args:
        learning_rate: above 0.
        alpha: decay of the mean v, from 0 up to 1, excluded.
        epsilon: added to the root, above 0.
        momentum: from 0 up to 1, excluded; of the steps.
        centered: whether the mean of gradients is taken off first: v is then their variance.
        weight_decay: this share of the parameters is added to the gradient, 0 or more.
        maximize: whether to go up instead of down.

    Raises:
        ArgumentError: RG601, a value outside of its range.

    Sources: Hinton, Neural Networks for Machine Learning, lecture 6e (2012); centered: Graves,
    "Generating Sequences With Recurrent Neural Networks" (2013), eq. 38 to 45.

    >>> w = np.array([1.0])
    >>> RMSprop(learning_rate=0.1).update(w, np.array([2.0]))
    >>> w.round(6).tolist()
    [0.0]
    """

    def __init__(
        self,
        learning_rate: float = 1e-2,
        alpha: float = 0.99,
        epsilon: float = 1e-8,
        momentum: float = 0.0,
        centered: bool = False,
        weight_decay: float = 0.0,
        maximize: bool = False,
    ) -> None:
        super().__init__(learning_rate, weight_decay, maximize)
        self.alpha = in_range("alpha", alpha, 0.0, 1.0)
        self.epsilon = in_range("epsilon", epsilon, 0.0, math.inf, open_low=True)
        self.momentum = in_range("momentum", momentum, 0.0, 1.0)
        self.centered = bool(centered)

    def begin(self, parameters: Array) -> None:
        """The means and the velocity, 0."""
        self.square = np.zeros_like(parameters)
        self.mean = np.zeros_like(parameters)
        self.velocity = np.zeros_like(parameters)

    def step(self, parameters: Array, gradient: Array) -> None:
        """One step, in place."""
        self.square *= self.alpha
        self.square += (1 - self.alpha) * gradient**2
        size = self.square
        if self.centered:
            self.mean *= self.alpha
            self.mean += (1 - self.alpha) * gradient
            size = self.square - self.mean**2
        scaled = gradient / (np.sqrt(size) + self.epsilon)
        if self.momentum == 0.0:
            parameters -= self.learning_rate * scaled
            return
        self.velocity *= self.momentum
        self.velocity += scaled
        parameters -= self.learning_rate * self.velocity
