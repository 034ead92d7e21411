"""Calls of machine code: arguments in slots of 8 bytes, as `entry` reads them."""

from __future__ import annotations

import ctypes
import pickle
from collections.abc import Sequence
from typing import Any

import numpy as np

from retrograd.native.kinds import Kind, is_simple

_FUNCTION = ctypes.CFUNCTYPE(None, ctypes.c_void_p)  # lets other threads run meanwhile


class Call:
    """A function with its arguments, ready to run; some of them may be changed before.

    Args:
        address: of the function.
        kinds: its arguments.
        returned: a letter for each number that it returns, "d" or "q".
        arguments: the first arguments. Arrays are read where they are, each time.
    """

    def __init__(
        self, address: int, kinds: Sequence[Kind], returned: str, arguments: Sequence[Any]
    ) -> None:
        self.kinds, self.arguments = kinds, list[Any]([None] * len(kinds))
        self.places, used = [], 0
        for kind in kinds:
            self.places.append(used)
            used += 1 + (kind.ndim or 0)
        self.dtypes = [np.dtype(kind.dtype) for kind in kinds]
        slots = np.zeros(used + max(3, 1 + len(returned)), np.int64)
        self.whole = memoryview(slots)  # type: ignore[arg-type]
        self.floats = self.whole.cast("B").cast("d")
        self.failed, self.slots = used, slots
        views: dict[str, Any] = {"d": self.floats, "q": self.whole}
        self.results = [(views[letter], used + 1 + n) for n, letter in enumerate(returned)]
        self.function, self.address = _FUNCTION(address), slots.ctypes.data
        for n, argument in enumerate(arguments):
            self.set(n, argument)

    def set(self, n: int, argument: Any) -> None:
        """Another argument.

        Raises:
            TypeError: it is not of the kind for which the function was made.
        """
        place, ndim = self.places[n], self.kinds[n].ndim
        if ndim is None:
            view: Any = self.floats if self.dtypes[n].kind == "f" else self.whole
            view[place] = argument
            return
        if argument is self.arguments[n]:
            return
        if argument.dtype != self.dtypes[n] or argument.ndim != ndim or not is_simple(argument):
            raise TypeError(f"argument {n} is not {self.kinds[n]} with rows that follow each other")
        self.arguments[n] = argument
        self.whole[place] = argument.__array_interface__["data"][0]
        for axis in range(ndim):
            self.whole[place + 1 + axis] = argument.shape[axis]

    def __call__(self) -> tuple[Any, ...]:
        """What the function returns.

        Raises:
            Exception: what it raised.
        """
        self.function(self.address)
        if self.whole[self.failed]:
            address, length = self.whole[self.failed + 1], self.whole[self.failed + 2]
            kind, given, _ = pickle.loads(ctypes.string_at(address, length))
            raise kind(*given)
        return tuple([view[place] for view, place in self.results])
