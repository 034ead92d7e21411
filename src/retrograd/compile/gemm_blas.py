"""Matrix products by NumPy's own BLAS, where it can be found: newer than SciPy's, and one pool."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.extending import overload

from retrograd.compile.blas import declare
from retrograd.compile.functions import OPTIONS, kernel
from retrograd.compile.small import (
    SMALL,
    product,
    product_first_transposed,
    product_second_transposed,
)

_ROWS, _PLAIN, _TURNED = 101, 111, 112  # CblasRowMajor, CblasNoTrans, CblasTrans
_single, _double = declare("s"), declare("d")


def _product(a: Any, b: Any, out: Any, turned: Any, other: Any, n: Any, m: Any, k: Any) -> None:
    """out = a @ b, either of them transposed; sizes (n, k) and (k, m)."""


@overload(_product, jit_options=OPTIONS)  # type: ignore[arg-type]
def _typed(a: Any, b: Any, out: Any, turned: Any, other: Any, n: Any, m: Any, k: Any) -> Any:
    single = a.dtype is types.float32
    function, number = (_single, np.float32) if single else (_double, np.float64)

    def run(a: Any, b: Any, out: Any, turned: Any, other: Any, n: Any, m: Any, k: Any) -> None:
        one, none = number(1), number(0)
        x, y, z = a.ctypes.data, b.ctypes.data, out.ctypes.data
        wide, tall = a.shape[1], b.shape[1]
        function(_ROWS, turned, other, n, m, k, one, x, wide, y, tall, none, z, m)

    return run


@kernel
def gemm(a: Any, b: Any, out: Any) -> None:
    """out = a @ b."""
    if a.shape[0] * a.shape[1] * b.shape[1] <= SMALL:
        product(a, b, out)
    else:
        _product(a, b, out, _PLAIN, _PLAIN, a.shape[0], b.shape[1], a.shape[1])


@kernel
def gemm_first_transposed(a: Any, b: Any, out: Any) -> None:
    """out = a.T @ b."""
    if a.shape[0] * a.shape[1] * b.shape[1] <= SMALL:
        product_first_transposed(a, b, out)
    else:
        _product(a, b, out, _TURNED, _PLAIN, a.shape[1], b.shape[1], a.shape[0])


@kernel
def gemm_second_transposed(a: Any, b: Any, out: Any) -> None:
    """out = a @ b.T."""
    if a.shape[0] * a.shape[1] * b.shape[0] <= SMALL:
        product_second_transposed(a, b, out)
    else:
        _product(a, b, out, _PLAIN, _TURNED, a.shape[0], b.shape[0], a.shape[1])


@kernel
def gemm_both_transposed(a: Any, b: Any, out: Any) -> None:
    """out = a.T @ b.T."""
    _product(a, b, out, _TURNED, _TURNED, a.shape[1], b.shape[0], a.shape[0])
