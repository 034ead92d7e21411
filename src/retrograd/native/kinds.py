"""What arguments machine code is made for."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Kind(NamedTuple):
    """An argument: an array whose rows follow each other in memory, or a number.

    Attributes:
        dtype: its name.
        ndim: how many axes the array has; None for a number.
    """

    dtype: str
    ndim: int | None

    def __str__(self) -> str:
        return self.dtype if self.ndim is None else f"{self.dtype}[{self.ndim}]"


def kind_of(thing: Any) -> Kind:
    """The kind of an array or of a number."""
    if isinstance(thing, np.ndarray) and thing.ndim:
        return Kind(thing.dtype.name, thing.ndim)
    return Kind(np.asarray(thing).dtype.name, None)


def is_simple(array: np.ndarray[Any, Any]) -> bool:
    """Whether machine code can read an array where it is."""
    flags = array.flags
    return bool(flags.c_contiguous and flags.aligned and array.dtype.isnative)


def simple(array: Any) -> np.ndarray[Any, Any]:
    """The array, or a copy that machine code can read."""
    array = np.asarray(array)
    return array if is_simple(array) else np.array(array, array.dtype.newbyteorder("="), order="C")
