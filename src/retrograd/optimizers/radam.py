"""RAdam: Adam that waits until its variance can be trusted."""

from __future__ import annotations

import math

import numpy as np

from retrograd.optimizers.moments import Moments
from retrograd.optimizers.optimizer import Array


class RAdam(Moments):
    """Adam times a factor r for the variance of v; without v as long as that is not known.

    rho_t = rho - 2 t beta2**t / (1 - beta2**t), with rho = 2 / (1 - beta2) - 1; up to rho_t = 5 the
    step is learning_rate * m', then learning_rate * r * m' / (sqrt(v') + epsilon).

    Args:
        learning_rate: above 0.
        beta1: decay of the mean m of gradients, from 0 up to 1, excluded.
        beta2: decay of the mean v of squared gradients, from 0 up to 1, excluded.
        epsilon: added to the root, above 0.
        weight_decay: this share of the parameters is added to the gradient, 0 or more.
        maximize: whether to go up instead of down.
        decoupled: whether weight decay is taken off the parameters, as AdamW does.

    Raises:
        ArgumentError: RG601, a value outside of its range.

    Source: Liu et al., "On the Variance of the Adaptive Learning Rate and Beyond" (2020),
    algorithm 2.

    >>> w = np.array([1.0])
    >>> RAdam(learning_rate=0.1).update(w, np.array([2.0]))
    >>> w.round(6).tolist()
    [0.8]
    """

    def __init__(
        self,
        learning_rate: float = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
        maximize: bool = False,
        decoupled: bool = False,
    ) -> None:
        super().__init__(learning_rate, beta1, beta2, epsilon, weight_decay, maximize)
        self.decoupled = bool(decoupled)

    def step(self, parameters: Array, gradient: Array) -> None:
        """One step, in place."""
        if self.decoupled:
            parameters *= 1 - self.learning_rate * self.weight_decay
        self.average(gradient)
        length = self.learning_rate / (1 - self.beta1**self.steps)
        decayed = self.beta2**self.steps
        limit = 2 / (1 - self.beta2) - 1
        rho = limit - 2 * self.steps * decayed / (1 - decayed)
        if rho <= 5:
            parameters -= length * self.mean
            return
        top = (rho - 4) * (rho - 2) * limit
        factor = math.sqrt(top / ((limit - 4) * (limit - 2) * rho))
        root = np.sqrt(self.square)
        root += self.epsilon
        parameters -= (length * factor * math.sqrt(1 - decayed)) * self.mean / root
