"""Rprop: the sign of the gradient alone decides."""

from __future__ import annotations

import math

import numpy as np

from retrograd.arguments import in_range
from retrograd.optimizers.optimizer import Array, Optimizer


class Rprop(Optimizer):
    """parameters -= sign(gradient) * length, with a length for each that grows or shrinks.

    Where the sign stays, the length is multiplied by `grow`; where it changes, by `shrink`, and the
    parameter waits for one step. Meant for whole data sets, not for batches.

    Args:
        learning_rate: the first length, above 0.
        shrink: from 0 to 1, both excluded.
        grow: above 1.
        shortest: the least length, above 0.
        longest: the greatest length.
        maximize: whether to go up instead of down.

    Raises:
        ArgumentError: RG601, a value outside of its range.

    Source: Riedmiller and Braun, "A Direct Adaptive Method for Faster Backpropagation Learning: The
    RPROP Algorithm" (1993); without weight-backtracking: Igel and Huesken (2000), as in PyTorch.

    >>> w = np.array([1.0])
    >>> Rprop(learning_rate=0.1).update(w, np.array([2.0]))
    >>> w.tolist()
    [0.9]
    """

    def __init__(
        self,
        learning_rate: float = 1e-2,
        shrink: float = 0.5,
        grow: float = 1.2,
        shortest: float = 1e-6,
        longest: float = 50.0,
        maximize: bool = False,
    ) -> None:
        super().__init__(learning_rate, 0.0, maximize)
        self.shrink = in_range("shrink", shrink, 0.0, 1.0, open_low=True)
        self.grow = in_range("grow", grow, 1.0, math.inf, open_low=True)
        self.shortest = in_range("shortest", shortest, 0.0, math.inf, open_low=True)
        self.longest = in_range("longest", longest, self.shortest, math.inf)

    def begin(self, parameters: Array) -> None:
        """The lengths, and the gradient before, 0."""
        self.lengths = np.full_like(parameters, self.learning_rate)
        self.before = np.zeros_like(parameters)

    def step(self, parameters: Array, gradient: Array) -> None:
        """One step, in place."""
        turned = gradient * self.before
        self.lengths *= np.where(turned > 0, self.grow, np.where(turned < 0, self.shrink, 1.0))
        np.clip(self.lengths, self.shortest, self.longest, out=self.lengths)
        self.before = np.where(turned < 0, 0, gradient)
        parameters -= np.sign(self.before) * self.lengths
