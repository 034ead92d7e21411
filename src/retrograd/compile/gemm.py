"""Matrix products of stored arrays, either of them transposed."""

from __future__ import annotations

from typing import Any

from numba import types
from numba.extending import overload

from retrograd.compile.functions import OPTIONS, kernel
from retrograd.compile.product import double, single


def _product(a: Any, turned: Any, b: Any, across: Any, out: Any) -> None:
    """out = a @ b, either of them transposed."""


@overload(_product, jit_options=OPTIONS)  # type: ignore[arg-type]
def _typed(a: Any, turned: Any, b: Any, across: Any, out: Any) -> Any:
    function = single if a.dtype is types.float32 else double

    def run(a: Any, turned: Any, b: Any, across: Any, out: Any) -> None:
        rows, columns = out.shape
        depth = a.shape[0] if turned else a.shape[1]
        row, step = (1, a.shape[1]) if turned else (a.shape[1], 1)
        x, y, z = a.ctypes.data, b.ctypes.data, out.ctypes.data
        if depth == 0:
            out[:] = 0
        function(x, row, step, y, b.shape[1], across, z, rows, columns, depth)

    return run


@kernel
def gemm(a: Any, b: Any, out: Any) -> None:
    """out = a @ b."""
    _product(a, False, b, False, out)


@kernel
def gemm_first_transposed(a: Any, b: Any, out: Any) -> None:
    """out = a.T @ b."""
    _product(a, True, b, False, out)


@kernel
def gemm_second_transposed(a: Any, b: Any, out: Any) -> None:
    """out = a @ b.T."""
    _product(a, False, b, True, out)


@kernel
def gemm_both_transposed(a: Any, b: Any, out: Any) -> None:
    """out = a.T @ b.T."""
    _product(a, True, b, True, out)
