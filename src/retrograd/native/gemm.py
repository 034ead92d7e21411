"""Matrix products of stored arrays, either of them transposed; all rows of them, or some."""

from __future__ import annotations

from typing import Any

from numba.extending import overload

from retrograd.native.functions import OPTIONS, kernel
from retrograd.native.product import declared
from retrograd.native.vectors import lanes


def _product(a: Any, turned: Any, b: Any, across: Any, out: Any, first: Any, last: Any) -> None:
    """out = a @ b, either of them transposed; the rows from `first` to before `last`."""


@overload(_product, jit_options=OPTIONS)  # type: ignore[arg-type]
def _typed(a: Any, turned: Any, b: Any, across: Any, out: Any, first: Any, last: Any) -> Any:
    function = declared(a.dtype)
    zero, size, per = a.dtype(0), a.dtype.bitwidth // 8, lanes(a.dtype.bitwidth)

    def run(a: Any, turned: Any, b: Any, across: Any, out: Any, first: Any, last: Any) -> None:
        columns = out.shape[1]
        rows = (out.shape[0] if last < 0 else last) - first
        depth = a.shape[0] if turned else a.shape[1]
        row, step = (1, a.shape[1]) if turned else (a.shape[1], 1)
        x, y = a.ctypes.data + first * row * size, b.ctypes.data
        z, y_row = out.ctypes.data + first * columns * size, b.shape[1]
        if depth == 0:
            out[first : first + rows] = 0
        function(x, row, step, y, y_row, across, z, rows, columns, depth, zero, size, per)

    return run


@kernel
def gemm(a: Any, b: Any, out: Any, first: int = 0, last: int = -1) -> None:
    """out = a @ b."""
    _product(a, False, b, False, out, first, last)


@kernel
def gemm_first_transposed(a: Any, b: Any, out: Any, first: int = 0, last: int = -1) -> None:
    """out = a.T @ b."""
    _product(a, True, b, False, out, first, last)


@kernel
def gemm_second_transposed(a: Any, b: Any, out: Any, first: int = 0, last: int = -1) -> None:
    """out = a @ b.T."""
    _product(a, False, b, True, out, first, last)


@kernel
def gemm_both_transposed(a: Any, b: Any, out: Any, first: int = 0, last: int = -1) -> None:
    """out = a.T @ b.T."""
    _product(a, True, b, True, out, first, last)


@kernel
def gemv(a: Any, x: Any, out: Any, first: int = 0, last: int = -1) -> None:
    """out = a @ x, of a matrix and a vector."""
    for i in range(first, out.shape[0] if last < 0 else last):
        total = a.dtype.type(0)
        for j in range(a.shape[1]):
            total += a[i, j] * x[j]
        out[i] = total


@kernel
def gemv_transposed(a: Any, x: Any, out: Any, first: int = 0, last: int = -1) -> None:
    """out = a.T @ x."""
    end = out.shape[0] if last < 0 else last
    for j in range(first, end):
        out[j] = 0
    for i in range(a.shape[0]):
        for j in range(first, end):
            out[j] += a[i, j] * x[i]


@kernel
def turn(a: Any, out: Any, first: int = 0, last: int = -1) -> None:
    """out = a.T."""
    for i in range(first, out.shape[0] if last < 0 else last):
        for j in range(out.shape[1]):
            out[i, j] = a[j, i]
