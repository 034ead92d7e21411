"""Dropout."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.arguments import in_range
from retrograd.errors import ShapeError
from retrograd.layers.layer import Array, Layer, Shape, axes_of


class Dropout(Layer):
    """a = x * mask in training, where a mask is 0 with probability `rate`, else 1 / (1 - rate).

    So the mean stays ("inverted" dropout), and otherwise the layer does nothing. The trainer draws
    a mask for each batch from its own generator.

    Args:
        rate: from 0 up to 1, excluded.

    Raises:
        ArgumentError: RG601, another rate.

    Source: Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting"
    (2014), section 10 for the scaling.

    >>> layer = Dropout(0.5)
    >>> layer(np.ones((1, 3))).tolist()
    [[1.0, 1.0, 1.0]]
    """

    mask: Array

    def __init__(self, rate: float = 0.5) -> None:
        self.rate = in_range("rate", rate, 0.0, 1.0)

    def build(self, shape: Shape, rng: np.random.Generator, dtype: Any) -> Any:
        """Note the shape of a mask."""
        self.shape, self.dtype = axes_of(shape), np.dtype(dtype)
        self.mask = np.ones((1, *self.shape), dtype=dtype)
        return shape

    def draw(self, rng: np.random.Generator, count: int) -> None:
        """A mask for each of `count` examples."""
        if len(self.mask) != count:
            self.mask = np.empty((count, *self.shape), dtype=self.dtype)
        kept = rng.random(self.mask.shape, dtype=np.float32) >= self.rate
        np.multiply(kept, 1 / (1 - self.rate), out=self.mask, casting="same_kind")

    def __call__(self, x: Any) -> Any:
        """For x of any shape (N, ...).

        Raises:
            ShapeError: RG105, in training, the mask is for another number of examples.
        """
        if not self.training or self.rate == 0:
            return x
        if np.shape(x) != np.shape(self.mask):
            raise ShapeError(
                "RG105",
                f"Dropout has a mask of shape {np.shape(self.mask)}, and x has {np.shape(x)}",
                help="layer.draw(rng, len(x)) draws one; or set model.training = False",
            )
        a = x * self.mask
        return a
