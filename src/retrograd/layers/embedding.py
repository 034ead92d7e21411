"""A table of vectors for numbers, such as those of words."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.arguments import whole_number
from retrograd.errors import ArgumentError
from retrograd.layers.layer import Array, Layer, Shape, axes_of
from retrograd.ops.check_values import labels_within


class Embedding(Layer):
    """z = W[x]: row number x of a table that is trained.

    Args:
        count: how many rows the table has: numbers are from 0 to count - 1.
        size: how long a row is.
        padding: the number of a row that is 0 and gets no gradient, or None.

    Raises:
        ArgumentError: RG601, a number below 1, or a padding that is no row.

    Source: Bengio et al., "A Neural Probabilistic Language Model" (2003), section 2.

    >>> layer = Embedding(10, 4)
    >>> layer.build(3, np.random.default_rng(0), np.float64)
    (3, 4)
    >>> layer(np.array([[1, 2, 9]])).shape
    (1, 3, 4)
    """

    parameters = ("W",)
    W: Array

    def __init__(self, count: int, size: int, padding: int | None = None) -> None:
        self.count, self.size = whole_number("count", count), whole_number("size", size)
        self.padding = None if padding is None else whole_number("padding", padding, 0)
        if self.padding is not None and self.padding >= self.count:
            raise ArgumentError("RG601", f"padding must be a row from 0 to {self.count - 1}")

    def build(self, shape: Shape, rng: np.random.Generator, dtype: Any) -> Any:
        """Draw W of shape (count, size) from the standard normal distribution."""
        self.W = rng.normal(size=(self.count, self.size)).astype(dtype)
        if self.padding is not None:
            self.W[self.padding] = 0
        return (*axes_of(shape), self.size)

    def __call__(self, x: Any) -> Any:
        """For whole numbers x of any shape (N, ...); the result is (N, ..., size).

        Raises:
            DtypeError: RG201, x holds no whole numbers.
            LabelError: RG202, a number below 0 or from `count` on.
        """
        labels_within(x, self.W, self.count)
        z = self.W[x]
        if self.padding is not None:
            z = np.where((x == self.padding)[..., None], 0, z)
        return z
