"""Examples of several axes as rows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from retrograd.layers.layer import Layer, Shape, axes_of


class Flatten(Layer):
    """a = x.reshape(N, -1): each example in one row.

    >>> Flatten()(np.zeros((5, 2, 3))).shape
    (5, 6)
    """

    def build(self, shape: Shape, rng: np.random.Generator, dtype: Any) -> Any:
        """How many features a row has."""
        return math.prod(axes_of(shape))

    def __call__(self, x: Any) -> Any:
        """For x of shape (N, ...); the result is (N, D)."""
        a = x.reshape(x.shape[0], -1)
        return a
