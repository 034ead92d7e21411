"""Stochastic gradient descent, with momentum."""

from __future__ import annotations

import numpy as np

from retrograd.arguments import in_range
from retrograd.errors import ArgumentError
from retrograd.optimizers.optimizer import Array, Optimizer


class SGD(Optimizer):
    """v = momentum * v + (1 - dampening) * gradient;  parameters -= learning_rate * v.

    Args:
        learning_rate: above 0.
        momentum: from 0 up to 1, excluded; 0 is plain gradient descent.
        dampening: from 0 to 1; the first step has none.
        nesterov: whether a step looks ahead: learning_rate * (gradient + momentum * v).
        weight_decay: this share of the parameters is added to the gradient, 0 or more.
        maximize: whether to go up instead of down.

    Raises:
        ArgumentError: RG601, a value outside of its range; nesterov without momentum, or with
            dampening.

    Sources: Polyak, "Some methods of speeding up the convergence of iteration methods" (1964);
    Sutskever et al., "On the importance of initialization and momentum in deep learning" (2013),
    in the form that PyTorch has.

    >>> w = np.array([1.0])
    >>> SGD(learning_rate=0.1).update(w, np.array([2.0]))
    >>> w.tolist()
    [0.8]
    """

    def __init__(
        self,
        learning_rate: float = 0.1,
        momentum: float = 0.0,
        dampening: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
        maximize: bool = False,
    ) -> None:
        super().__init__(learning_rate, weight_decay, maximize)
        self.momentum = in_range("momentum", momentum, 0.0, 1.0)
        self.dampening = in_range("dampening", dampening, 0.0, 1.0, closed_high=True)
        self.nesterov = bool(nesterov)
        if nesterov and (not momentum or dampening):
            raise ArgumentError("RG601", "nesterov takes a momentum above 0 and no dampening")

    def begin(self, parameters: Array) -> None:
        """The velocity, 0."""
        self.velocity = np.zeros_like(parameters)

    def step(self, parameters: Array, gradient: Array) -> None:
        """One step, in place."""
        if self.momentum == 0.0:
            parameters -= self.learning_rate * gradient
            return
        self.velocity *= self.momentum
        if self.dampening and self.steps > 1:
            gradient = (1 - self.dampening) * gradient
        self.velocity += gradient
        if self.nesterov:
            parameters -= self.learning_rate * (gradient + self.momentum * self.velocity)
        else:
            parameters -= self.learning_rate * self.velocity
