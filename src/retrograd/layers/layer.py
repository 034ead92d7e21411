"""What every layer has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


class Layer(ABC):
    """A function of a batch that may own parameters.

    Attributes:
        parameters: the names of the attributes that are trained, such as ("W", "b").
        number: the place in the network; names bound in the layer's methods get it, so that the
            text says `z1` and `W1`.
    """

    parameters: tuple[str, ...] = ()
    number: int | None = None

    def build(self, size: int, rng: np.random.Generator, dtype: Any) -> int:
        """Make the parameters for rows of `size` features; returns the size of its rows."""
        return size

    @abstractmethod
    def __call__(self, x: Any) -> Any:
        """The layer's result for a batch x of shape (N, D)."""
