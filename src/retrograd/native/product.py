"""Matrix products of arrays in memory, strip by strip: one function that all programs call by name.

It is compiled once, and not again with each program. At the sizes of networks that are trained on a
processor it is faster than a general BLAS: tiles read the matrices where they lie, and nothing is
copied first but what they would read across, or from rows that are too far apart.
"""

from __future__ import annotations

from typing import Any

from numba import types

from retrograd.native.entry import plain
from retrograd.native.functions import kernel
from retrograd.native.kept import product
from retrograd.native.machine_code import Code
from retrograd.native.panel import copied, scratch, turned
from retrograd.native.tile import strip
from retrograd.native.vectors import lanes, registers

_VECTORS = registers()[2]
_DEEP, _SHALLOW = 1024, 256  # products a sum at once; the same where they are copied
_BLOCK = 128  # rows at once, so that what they take from the left matrix stays near
_FAR = 4096  # bytes: rows this far apart share too few places of a cache

_panel = scratch(_SHALLOW * _VECTORS * lanes(32))
_copied = copied(_VECTORS)


@kernel
def _turn(
    source: Any,
    source_row: Any,
    rows: Any,
    columns: Any,
    panel: Any,
    wide: Any,
    zero: Any,
    size: Any,
    per: Any,
) -> None:
    """Some rows of a matrix as columns of the panel, square by square."""
    k = 0
    while k < rows:
        q = 0
        while q < columns:
            square = source + size * (k * source_row + q)
            target = panel + size * (q * wide + k)
            turned(square, source_row, rows - k, columns - q, target, wide, zero)
            q += per
        k += per


def _product(
    a: Any,
    a_row: Any,
    a_step: Any,
    b: Any,
    b_row: Any,
    across: Any,
    c: Any,
    rows: Any,
    columns: Any,
    depth: Any,
    zero: Any,
    size: Any,
    per: Any,
) -> None:
    """c = a @ b, or a @ b.T where b is read across.

    Args:
        a: the address of the left matrix.
        a_row: by how many entries its rows are apart.
        a_step: by how many entries those that one sum takes are apart.
        b: the address of the right matrix.
        b_row: by how many entries its rows are apart.
        across: whether it is transposed.
        c: the address of the product.
        rows: of the product.
        columns: of the product.
        depth: products a sum.
        zero: 0 in the dtype.
        size: bytes of a number.
        per: how many numbers a vector register holds.
    """
    wide, panel = _VECTORS * per, _panel(zero)
    far = size * b_row % _FAR == 0 and rows >= 8 * _VECTORS
    most = _SHALLOW if across or far or a_step > 1 else _DEEP
    block = max(1, rows) if across or far else _BLOCK
    p = 0
    while p < depth:  # a range with a step begins with a division, and small products are as short
        deep, i = min(most, depth - p), 0
        while i < rows:
            count, j = min(block, rows - i), 0
            x = a + size * (i * a_row + p * a_step)
            while j < columns:
                width = min(wide, columns - j)
                y, y_row = b + size * (p * b_row + j), b_row
                if across:
                    y, y_row = panel, wide
                    source = b + size * (j * b_row + p)
                    _turn(source, b_row, width, deep, panel, wide, zero, size, per)
                elif far:
                    for q in range(deep):
                        _copied(y + size * q * b_row, panel + size * q * wide, width, zero)
                    y, y_row = panel, wide
                z = c + size * (i * columns + j)
                strip(x, a_row, a_step, y, y_row, z, columns, count, deep, p > 0, width, zero)
                j += wide
            i += block
        p += most


def _kinds(real: Any) -> tuple[Any, ...]:
    address, whole = types.uintp, types.intp
    kinds = (address, whole, whole, address, whole, types.boolean, address, whole, whole, whole)
    return *kinds, real, whole, whole


def declared(real: Any) -> Any:
    """The function for one dtype, compiled once for all programs, and called by name."""
    return types.ExternalFunction(product(str(real)), types.void(*_kinds(real)))


def code(dtype: str, name: str) -> Code:
    """The machine code of it."""
    return plain(_product, _kinds(types.float32 if dtype == "float32" else types.float64), name)
