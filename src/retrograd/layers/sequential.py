"""A network: layers one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from retrograd.arguments import whole_number
from retrograd.errors import ArgumentError, RetrogradError, ShapeError
from retrograd.layers.convolution import Conv2D
from retrograd.layers.dense import Dense
from retrograd.layers.embedding import Embedding
from retrograd.layers.layer import Array, Layer, Shape, axes_of
from retrograd.layers.residual import Residual


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

    >>> from retrograd.layers import ReLU
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
        every = [id(layer) for outer in layers for layer in outer.inner()]
        if len(set(every)) < len(every):
            raise ArgumentError(
                "RG602", "a layer stands twice in Sequential; its parameters would be shared"
            )
        self.layers = list(layers)
        self.flat: Array | None = None
        self.features: Shape | None = None
        self._number()
        choose_initialization(self.layers)

    def _number(self) -> None:
        """Give each layer the number of the last one that multiplies by weights."""
        number, taken = 0, set()
        for layer in self._leaves():
            number += isinstance(layer, Dense | Conv2D | Embedding)
            while any((name, max(number, 1)) in taken for name in layer.names()):
                number += 1
            layer.number = max(number, 1)
            taken |= {(name, layer.number) for name in layer.names()}

    def _leaves(self) -> Iterator[Layer]:
        for layer in self.layers:
            yield from layer.inner()

    def inner(self) -> Iterator[Layer]:
        """Its layers, and itself."""
        yield from self._leaves()
        yield self

    def train(self, training: bool = True) -> None:
        """Say to all layers whether they are being trained."""
        for layer in self.inner():
            layer.training = training

    def build(self, shape: Shape, rng: np.random.Generator, dtype: Any = np.float32) -> Any:
        """Draw the parameters, and lay them into one buffer.

        Args:
            shape: of one example: the number of features, or (channels, height, width).
            rng: draws them.
            dtype: float32 or float64.

        Returns:
            The shape of one result, in the same form.

        Raises:
            ArgumentError: RG601, a shape that is none; RG605, too many parameters for memory.
        """
        for size in axes_of(shape):
            whole_number("size", size)
        try:
            return self._build(shape, rng, dtype)
        except RetrogradError:
            self.flat = self.features = None
            raise
        except (MemoryError, ValueError) as error:
            self.flat = self.features = None
            raise ArgumentError(
                "RG605", f"the network does not fit into memory: {error}"
            ) from error

    def _build(self, shape: Shape, rng: np.random.Generator, dtype: Any) -> Any:
        self.features = shape
        for layer in self.layers:
            shape = layer.build(shape, rng, dtype)
        arrays = [getattr(layer, name) for layer, name in self._owners()]
        self.flat = np.empty(sum(a.size for a in arrays), dtype=dtype)
        self.attach(self.flat, [a.copy() for a in arrays])
        return shape

    def attach(self, flat: Array, values: list[Array] | None = None) -> None:
        """Make every parameter a view of `flat`; with `values` also copy them there."""
        start = 0
        copies = iter(values or ())
        for layer in self._leaves():
            for name in layer.parameters:
                array = getattr(layer, name)
                view = flat[start : start + array.size].reshape(array.shape)
                if values is not None:
                    view[...] = next(copies)
                setattr(layer, name, view)
                start += array.size
            if isinstance(layer, Sequential):  # its own layers came just before it
                own = sum(getattr(inner, name).size for inner, name in layer._owners())
                layer.flat = flat[start - own : start]
        self.flat = flat

    def _owners(self) -> Iterator[tuple[Layer, str]]:
        for layer in self._leaves():
            for name in layer.parameters:
                yield layer, name

    def named_parameters(self) -> dict[str, Array]:
        """The parameters by the names that they have in the text: W1, b1, W2, ..."""
        return {f"{name}{layer.number}": getattr(layer, name) for layer, name in self._owners()}

    def named_buffers(self) -> dict[str, Array]:
        """What belongs to the model and is not trained, such as running means, by name."""
        return {
            f"{name}{layer.number}": getattr(layer, name)
            for layer in self._leaves()
            for name in layer.buffers
        }

    def statistics(self) -> tuple[Any, ...]:
        """What a training step found out about its batch, for each layer that keeps something."""
        keeping = (layer for layer in self._leaves() if layer.buffers)
        return tuple(layer.statistics() for layer in keeping)

    def observe(self, *statistics: Any) -> None:
        """Let the layers keep what a training step found out."""
        found = iter(statistics)
        for layer in self._leaves():
            if layer.buffers:
                layer.observe(*next(found))

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
        """For a batch x of shape (N, ...): the last layer's result."""
        if self.features is None:
            raise ArgumentError(
                "RG603", "the network has no parameters yet: call build or Trainer.fit first"
            )
        for layer in self.layers:
            x = layer(x)
        return x


def choose_initialization(layers: list[Layer]) -> None:
    """He's variance in front of rectifiers, Glorot's elsewhere, where "auto" asks for it."""
    for position, layer in enumerate(layers):
        if isinstance(layer, Residual):
            choose_initialization(layer.layers)
        if isinstance(layer, Dense | Conv2D) and layer.initialization == "auto":
            following = (after for after in layers[position + 1 :] if after.bends is not None)
            bend = next(following, None)
            layer.initialization = "he" if bend is not None and bend.bends else "glorot"
