"""The fully connected layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.arguments import whole_number
from retrograd.errors import ArgumentError, ShapeError
from retrograd.layers.layer import Array, Layer, Shape, axes_of, like


class Dense(Layer):
    """z = x @ W + b.

    Args:
        units: the number of columns of the result, 1 or more.
        initialization: "he" draws W from N(0, 2 / D), for ReLU; "glorot" from
            N(0, 2 / (D + units)), for tanh, sigmoid and the output; "auto" lets `Sequential`
            choose by the next layer. b is 0.

    Raises:
        ArgumentError: RG601, units below 1 or an unknown initialization.

    Sources: He et al., "Delving Deep into Rectifiers" (2015), eq. 10; Glorot and Bengio,
    "Understanding the difficulty of training deep feedforward neural networks" (2010), eq. 12.

    >>> layer = Dense(3)
    >>> layer.build(2, np.random.default_rng(0), np.float32)
    3
    >>> layer(np.zeros((5, 2), dtype=np.float32)).shape
    (5, 3)
    """

    parameters = ("W", "b")
    W: Array
    b: Array

    def __init__(self, units: int, initialization: str = "auto") -> None:
        if initialization not in ("he", "glorot", "auto"):
            raise ArgumentError(
                "RG601", f"initialization must be 'he', 'glorot' or 'auto', not {initialization!r}"
            )
        self.units = whole_number("units", units)
        self.initialization = initialization

    def build(self, shape: Shape, rng: np.random.Generator, dtype: Any) -> Any:
        """Draw W of shape (D, units) and set b, of shape (units,), to zero."""
        size = axes_of(shape)[-1]
        he = self.initialization == "he"
        variance = 2.0 / size if he else 2.0 / (size + self.units)
        self.W = rng.normal(scale=np.sqrt(variance), size=(size, self.units)).astype(dtype)
        self.b = np.zeros(self.units, dtype=dtype)
        return like(shape, (*axes_of(shape)[:-1], self.units))

    def __call__(self, x: Any) -> Any:
        """For x of shape (N, ..., D); the result is (N, ..., units).

        Raises:
            ShapeError: RG105, x has another number of columns than W has rows.
        """
        if x.shape[-1] != self.W.shape[0]:
            raise ShapeError(
                "RG105",
                f"Dense {self.number or ''} takes rows of {self.W.shape[0]} features, "
                f"and x has shape {tuple(x.shape)}",
            )
        z = x @ self.W + self.b
        return z
