"""AdamW: Adam with decoupled weight decay."""

from __future__ import annotations

from retrograd.optimizers.adam import Adam
from retrograd.optimizers.optimizer import Array


class AdamW(Adam):
    """parameters *= 1 - learning_rate * weight_decay, and then a step of Adam.

    Args:
        learning_rate: above 0.
        beta1: decay of the mean of gradients, from 0 up to 1, excluded.
        beta2: decay of the mean of squared gradients, from 0 up to 1, excluded.
        epsilon: added to the root, above 0.
        weight_decay: 0 or more; not part of the gradient, so Adam does not rescale it.
        maximize: whether to go up instead of down.
        amsgrad: whether the mean of squares never falls.

    Raises:
        ArgumentError: RG601, a value outside of its range.

    Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (2019), algorithm 2.

    >>> import numpy as np
    >>> w = np.array([1.0])
    >>> AdamW(learning_rate=0.1, weight_decay=0.5).update(w, np.array([0.0]))
    >>> w.round(6).tolist()
    [0.95]
    """

    decoupled = True

    def __init__(
        self,
        learning_rate: float = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 1e-2,
        maximize: bool = False,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(learning_rate, beta1, beta2, epsilon, weight_decay, maximize, amsgrad)

    def step(self, parameters: Array, gradient: Array) -> None:
        """One step, in place."""
        parameters *= 1 - self.learning_rate * self.weight_decay
        super().step(parameters, gradient)
