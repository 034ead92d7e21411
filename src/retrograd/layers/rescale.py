"""Inputs in another unit, such as pixels."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from retrograd.arguments import in_range
from retrograd.layers.layer import Layer, Shape


class Rescale(Layer):
    """a = x * scale: pixels from 0 to 255 become numbers from 0 to 1 in the network itself.

    So the data stays as it came, at a byte a pixel, and whoever uses the model cannot forget to
    divide.

    Args:
        scale: above 0, such as 1 / 255.

    Raises:
        ArgumentError: RG601, another scale.

    >>> Rescale(1 / 255)(np.array([[0, 255]], dtype=np.uint8)).tolist()
    [[0.0, 1.0]]
    """

    def __init__(self, scale: float = 1 / 255) -> None:
        self.scale = in_range("scale", scale, 0.0, math.inf, open_low=True)
        self.dtype = np.dtype(np.float32)

    def build(self, shape: Shape, rng: np.random.Generator, dtype: Any) -> Any:
        """Note the dtype in which the network computes."""
        self.dtype = np.dtype(dtype)
        return shape

    def __call__(self, x: Any) -> Any:
        """For x of any shape (N, ...); whole numbers are taken to the network's dtype."""
        if x.dtype.kind in "iub":
            x = x.astype(self.dtype)
        a = x * self.scale
        return a
