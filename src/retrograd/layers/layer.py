"""What every layer has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Shape = int | tuple[int, ...]  # of one example: features, or (channels, height, width)


class Layer(ABC):
    """A function of a batch that may own parameters.

    Attributes:
        parameters: the names of the attributes that are trained, such as ("W", "b").
        buffers: the names of the attributes that belong to the model, and are not trained.
        number: the place in the network; names bound in the layer's methods get it, so that the
            text says `z1` and `W1`.
        training: whether it is being trained; dropout and batch normalization do something else
            then. The trainer sets it.
        bends: for an activation, whether it is a rectifier; None for other layers.
    """

    parameters: tuple[str, ...] = ()
    buffers: tuple[str, ...] = ()
    number: int | None = None
    training: bool = False
    bends: bool | None = None

    def build(self, shape: Shape, rng: np.random.Generator, dtype: Any) -> Any:
        """Make the parameters for examples of this shape; returns the shape of its results."""
        return shape

    @abstractmethod
    def __call__(self, x: Any) -> Any:
        """The layer's result for a batch x of shape (N, ...)."""

    def inner(self) -> Iterator[Layer]:
        """The layer itself, and before it the layers that it is made of."""
        yield self

    def names(self) -> tuple[str, ...]:
        """The names of all arrays that belong to the model."""
        return (*self.parameters, *self.buffers)

    def draw(self, rng: np.random.Generator, count: int) -> None:  # noqa: B027 (most draw nothing)
        """Draw what is random in a training step on `count` examples."""

    def statistics(self) -> tuple[Any, ...]:
        """What a training step found out about its batch, and `observe` takes."""
        return ()

    def observe(self, *statistics: Array) -> None:  # noqa: B027
        """Keep what a training step found out."""


def axes_of(shape: Shape) -> tuple[int, ...]:
    """The shape of an example as a tuple."""
    return shape if isinstance(shape, tuple) else (shape,)


def like(shape: Shape, axes: tuple[int, ...]) -> Any:
    """A shape in the form that `shape` has: a number for rows of features."""
    return axes if isinstance(shape, tuple) else axes[0]
