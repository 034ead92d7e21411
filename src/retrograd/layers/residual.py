"""A sum of what goes in and what some layers make of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from retrograd.errors import ArgumentError, ShapeError
from retrograd.layers.layer import Layer, Shape, axes_of


class Residual(Layer):
    """a = x + layers(x), or shortcut(x) + layers(x) where the shapes differ.

    Args:
        layers: one or more; the first one first.
        shortcut: a layer for x itself, such as Dense or Conv2D; None adds x as it is.

    Raises:
        ArgumentError: RG602, no layers, or something that is no layer.

    Source: He et al., "Deep Residual Learning for Image Recognition" (2016), eq. 1 and 2.

    >>> from retrograd.layers import Dense, ReLU
    >>> block = Residual(Dense(3), ReLU())
    >>> block.build(3, np.random.default_rng(0), np.float64)
    3
    >>> block(np.zeros((2, 3))).shape
    (2, 3)
    """

    def __init__(self, *layers: Layer, shortcut: Layer | None = None) -> None:
        if not layers or not all(isinstance(layer, Layer) for layer in layers):
            raise ArgumentError("RG602", "Residual takes one layer or more: Residual(Dense(8))")
        if shortcut is not None and not isinstance(shortcut, Layer):
            raise ArgumentError("RG602", f"shortcut must be a layer, not {type(shortcut).__name__}")
        self.layers = list(layers)
        self.shortcut = shortcut

    def inner(self) -> Iterator[Layer]:
        """Its layers, the shortcut, and itself."""
        for layer in self.layers:
            yield from layer.inner()
        if self.shortcut is not None:
            yield from self.shortcut.inner()
        yield self

    def build(self, shape: Shape, rng: np.random.Generator, dtype: Any) -> Any:
        """Build the layers.

        Raises:
            ShapeError: RG105, what is added has another shape.
        """
        made: Any = shape
        for layer in self.layers:
            made = layer.build(made, rng, dtype)
        beside = shape if self.shortcut is None else self.shortcut.build(shape, rng, dtype)
        if axes_of(made) != axes_of(beside):
            raise ShapeError(
                "RG105",
                f"Residual adds {axes_of(beside)} to {axes_of(made)}",
                help="" if self.shortcut is not None else "shortcut=Dense(...) makes x fit",
            )
        return made

    def __call__(self, x: Any) -> Any:
        """For a batch x that its layers take."""
        made = x
        for layer in self.layers:
            made = layer(made)
        a = (x if self.shortcut is None else self.shortcut(x)) + made
        return a
