"""NAdam: Adam with Nesterov's momentum."""

from __future__ import annotations

import math

import numpy as np

from retrograd.arguments import in_range
from retrograd.optimizers.moments import Moments
from retrograd.optimizers.optimizer import Array


class NAdam(Moments):
    """Adam whose mean looks one step ahead, with a momentum mu that grows towards beta1.

    mu_t = beta1 * (1 - 0.96**(t * momentum_decay) / 2);  parameters -= learning_rate *
    (mu_(t+1) * m / (1 - mu_1 ... mu_(t+1)) + (1 - mu_t) * gradient / (1 - mu_1 ... mu_t))
    / (sqrt(v') + epsilon).

    Args:
        learning_rate: above 0.
        beta1: decay of the mean m of gradients, from 0 up to 1, excluded.
        beta2: decay of the mean v of squared gradients, from 0 up to 1, excluded.
        epsilon: added to the root, above 0.
        momentum_decay: how fast mu grows, 0 or more.
        weight_decay: this share of the parameters is added to the gradient, 0 or more.
        maximize: whether to go up instead of down.
        decoupled: whether weight decay is taken off the parameters, as AdamW does.

    Raises:
        ArgumentError: RG601, a value outside of its range.

    Source: Dozat, "Incorporating Nesterov Momentum into Adam" (2016), algorithm 2.

    >>> w = np.array([1.0])
    >>> NAdam(learning_rate=0.1).update(w, np.array([2.0]))
    >>> bool(w < 1)
    True
    """

    def __init__(
        self,
        learning_rate: float = 2e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        momentum_decay: float = 4e-3,
        weight_decay: float = 0.0,
        maximize: bool = False,
        decoupled: bool = False,
    ) -> None:
        super().__init__(learning_rate, beta1, beta2, epsilon, weight_decay, maximize)
        self.momentum_decay = in_range("momentum_decay", momentum_decay, 0.0, math.inf)
        self.decoupled = bool(decoupled)

    def begin(self, parameters: Array) -> None:
        """The two means, 0, and the product of the momenta, 1."""
        super().begin(parameters)
        self.product = 1.0

    def step(self, parameters: Array, gradient: Array) -> None:
        """One step, in place."""
        if self.decoupled:
            parameters *= 1 - self.learning_rate * self.weight_decay
        self.average(gradient)
        now, ahead = self._momentum(self.steps), self._momentum(self.steps + 1)
        self.product *= now
        root = np.sqrt(self.square / (1 - self.beta2**self.steps))
        root += self.epsilon
        parameters -= (self.learning_rate * (1 - now) / (1 - self.product)) * gradient / root
        parameters -= (self.learning_rate * ahead / (1 - self.product * ahead)) * self.mean / root

    def _momentum(self, t: int) -> float:
        return float(self.beta1 * (1 - 0.5 * 0.96 ** (t * self.momentum_decay)))
