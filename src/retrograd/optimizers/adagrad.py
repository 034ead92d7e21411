"""Adagrad: steps that shrink with the gradients that a parameter has had."""

from __future__ import annotations

import math

import numpy as np

from retrograd.arguments import in_range
from retrograd.optimizers.optimizer import Array, Optimizer


class Adagrad(Optimizer):
    """s += gradient**2;  parameters -= learning_rate * gradient / (sqrt(s) + epsilon).

    Args:
        learning_rate: above 0.
        decay: step t has the length learning_rate / (1 + (t - 1) * decay), 0 or more.
        initial: the value that s begins with, 0 or more.
        epsilon: added to the root, above 0.
        weight_decay: this share of the parameters is added to the gradient, 0 or more.
        maximize: whether to go up instead of down.

    Raises:
        ArgumentError: RG601, a value outside of its range.

    Source: Duchi, Hazan and Singer, "Adaptive Subgradient Methods for Online Learning and
    Stochastic Optimization" (2011), figure 1, with diagonal matrices.

    >>> w = np.array([1.0])
    >>> Adagrad(learning_rate=0.1).update(w, np.array([2.0]))
    >>> w.round(6).tolist()
    [0.9]
    """

    def __init__(
        self,
        learning_rate: float = 1e-2,
        decay: float = 0.0,
        initial: float = 0.0,
        epsilon: float = 1e-10,
        weight_decay: float = 0.0,
        maximize: bool = False,
    ) -> None:
        super().__init__(learning_rate, weight_decay, maximize)
        self.decay = in_range("decay", decay, 0.0, math.inf)
        self.initial = in_range("initial", initial, 0.0, math.inf)
        self.epsilon = in_range("epsilon", epsilon, 0.0, math.inf, open_low=True)

    def begin(self, parameters: Array) -> None:
        """The sum of squares."""
        self.total = np.full_like(parameters, self.initial)

    def step(self, parameters: Array, gradient: Array) -> None:
        """One step, in place."""
        self.total += gradient**2
        length = self.learning_rate / (1 + (self.steps - 1) * self.decay)
        parameters -= length * gradient / (np.sqrt(self.total) + self.epsilon)
