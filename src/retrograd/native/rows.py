"""The rows of a batch, taken from the data in a given order."""

from __future__ import annotations

from typing import Any

from numba import types
from numba.extending import intrinsic

from retrograd.native.functions import kernel
from retrograd.native.vectors import POINTER, prefetch

_LINE = 64  # bytes that come from memory at once
_LONG = 256  # bytes of a row: the processor guesses shorter ones itself


def _fetching(typing: Any, address: Any) -> Any:
    """Bring what is at an address near, and do not wait for it."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        prefetch(builder, builder.inttoptr(args[0], POINTER))
        return context.get_dummy_value()

    return types.void(types.uintp), generate


_fetch: Any = intrinsic(_fetching)


@kernel
def take_rows(data: Any, order: Any, start: Any, n: Any, out: Any) -> None:
    """The rows data[order[start : start + n]], in the dtype of `out`.

    Rows in random order are far from each other: those that come a little later are asked for
    before they are needed.
    """
    size = data.shape[1] * data.itemsize
    ahead = 2 + 2048 // max(1, size) if size >= _LONG else 0
    for i in range(n):
        later = start + i + ahead
        if ahead > 0 and later < order.shape[0]:
            row = data.ctypes.data + order[later] * size
            for place in range(0, size, _LINE):
                _fetch(row + place)
        row = order[start + i]
        for j in range(data.shape[1]):
            out[i, j] = data[row, j]


@kernel
def take_numbers(data: Any, order: Any, start: Any, n: Any, out: Any) -> None:
    """The same for an array of one axis."""
    for i in range(n):
        out[i] = data[order[start + i]]
