"""Stochastic gradient descent with momentum."""

from __future__ import annotations

import numpy as np

from retrograd.optimizers.optimizer import Array, Optimizer, in_range


class SGD(Optimizer):
    """v = momentum * v + gradient;  parameters -= learning_rate * v.

    Args:
        learning_rate: above 0.
        momentum: from 0 up to 1, excluded; 0 is plain gradient descent.

    Raises:
        ArgumentError: RG601, a value outside of its range.

    Sources: Polyak, "Some methods of speeding up the convergence of iteration methods" (1964); the
    form is that of Sutskever et al. (2013) as in PyTorch's SGD.

    >>> w = np.array([1.0])
    >>> SGD(learning_rate=0.1).update(w, np.array([2.0]))
    >>> w.tolist()
    [0.8]
    """

    def __init__(self, learning_rate: float = 0.1, momentum: float = 0.0) -> None:
        super().__init__(learning_rate)
        self.momentum = in_range("momentum", momentum, 0.0, 1.0)
        self.velocity: Array | None = None

    def update(self, parameters: Array, gradient: Array) -> None:
        """One step, in place."""
        if self.momentum == 0.0:
            parameters -= self.learning_rate * gradient
            return
        if self.velocity is None:
            self.velocity = np.zeros_like(parameters)
        self.velocity *= self.momentum
        self.velocity += gradient
        parameters -= self.learning_rate * self.velocity
