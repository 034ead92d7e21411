"""A network: layers one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from retrograd.errors import ArgumentError, ShapeError
from retrograd.layers.activation import ReLU
from retrograd.layers.dense import Dense
from retrograd.layers.layer import Array, Layer


class Sequential(Layer):
    """Layers one after the other, with all their parameters in one flat buffer.

    Args:
        layers: the layers, the first one first.

    Attributes:
        layers: the layers; those after a `Dense` share its number, so that its `z1` is followed by
            `a1`.
        flat: every parameter, one after the other, shape (number of parameters,); None before
            `build`. The layers' arrays are views of it.

    Raises:
        ArgumentError: RG602, no layers, or something that is no layer.

    >>> model = Sequential(Dense(4), ReLU(), Dense(3))
    >>> model.build(2, np.random.default_rng(0), np.float64)
    3
    >>> model.flat.shape
    (27,)
    >>> model(np.zeros((5, 2))).shape
    (5, 3)
    """

    def __init__(self, *layers: Layer) -> None:
        if not layers or not all(isinstance(layer, Layer) for layer in layers):
            raise ArgumentError(
                "RG602", "Sequential takes one layer or more: Sequential(Dense(10), ReLU())"
            )
        if len({id(layer) for layer in layers}) < len(layers):
            raise ArgumentError(
                "RG602", "a layer stands twice in Sequential; its parameters would be shared"
            )
        self.layers = list(layers)
        self.flat: Array | None = None
        self.features: int | None = None
        number = 0
        for position, layer in enumerate(self.layers):
            number += isinstance(layer, Dense)
            layer.number = max(number, 1)
            if isinstance(layer, Dense) and layer.initialization == "auto":
                following = self.layers[position + 1 : position + 2]
                relu = bool(following) and isinstance(following[0], ReLU)
                layer.initialization = "he" if relu else "glorot"

    def build(self, size: int, rng: np.random.Generator, dtype: Any = np.float32) -> int:
        """Draw the parameters for rows of `size` features, and lay them into one buffer."""
        if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1:
            raise ArgumentError("RG601", f"size must be a whole number from 1, not {size!r}")
        try:
            return self._build(size, rng, dtype)
        except (MemoryError, ValueError) as error:
            self.flat = self.features = None
            raise ArgumentError(
                "RG605", f"the network does not fit into memory: {error}"
            ) from error

    def _build(self, size: int, rng: np.random.Generator, dtype: Any) -> int:
        self.features = size
        for layer in self.layers:
            size = layer.build(size, rng, dtype)
        arrays = [getattr(layer, name) for layer, name in self._owners()]
        self.flat = np.empty(sum(a.size for a in arrays), dtype=dtype)
        self.attach(self.flat, [a.copy() for a in arrays])
        return size

    def attach(self, flat: Array, values: list[Array] | None = None) -> None:
        """Make every parameter a view of `flat`; with `values` also copy them there."""
        start = 0
        for position, (layer, name) in enumerate(self._owners()):
            array = getattr(layer, name)
            view = flat[start : start + array.size].reshape(array.shape)
            if values is not None:
                view[...] = values[position]
            setattr(layer, name, view)
            start += array.size
        self.flat = flat

    def _owners(self) -> Iterator[tuple[Layer, str]]:
        for layer in self.layers:
            for name in layer.parameters:
                yield layer, name

    def named_parameters(self) -> dict[str, Array]:
        """The parameters by the names that they have in the text: W1, b1, W2, ..."""
        return {f"{name}{layer.number}": getattr(layer, name) for layer, name in self._owners()}

    def set_parameters(self, values: dict[str, Array]) -> None:
        """Copy values into the parameters.

        Raises:
            ShapeError: RG106, a name is missing or left over, or a shape differs; nothing is
                changed.
        """
        own = self.named_parameters()
        wrong = [f"{n} is missing" for n in own if n not in values]
        wrong += [f"{n} is not a parameter" for n in values if n not in own]
        wrong += [
            f"{n} has shape {values[n].shape}, not {own[n].shape}"
            for n in own
            if n in values and values[n].shape != own[n].shape
        ]
        if wrong:
            raise ShapeError("RG106", f"these parameters do not fit: {'; '.join(wrong)}")
        for name, array in own.items():
            array[...] = values[name]

    def __call__(self, x: Any) -> Any:
        """For x of shape (N, D): the last layer's result."""
        if self.features is None:
            raise ArgumentError(
                "RG603", "the network has no parameters yet: call build or Trainer.fit first"
            )
        for layer in self.layers:
            x = layer(x)
        return x
