"""The BLAS that NumPy brings along, as functions that kernels call by name.

Machine code that is kept on disk knows such a function by its name only, so each process declares
it anew.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

_FOLDERS = ("../numpy.libs", ".dylibs", "../numpy.dylibs")


@cache
def library() -> Any:
    """NumPy's OpenBLAS with 64-bit sizes; None where NumPy has another BLAS, or it is not found."""
    if sys.maxsize < 2**32:
        return None
    home = Path(np.__file__).parent
    found = [p for f in _FOLDERS for p in sorted((home / f).glob("*scipy_openblas64_*"))]
    for path in found:
        try:
            loaded = ctypes.CDLL(str(path))
            loaded.scipy_cblas_sgemm64_, loaded.scipy_cblas_dgemm64_  # noqa: B018
        except (OSError, AttributeError):
            continue
        return loaded
    return None


def kind() -> str:
    """Which matrix products compiled code calls."""
    return "dot" if library() is None else "blas"


def declare(letter: str) -> Any:
    """cblas_sgemm ("s") or cblas_dgemm ("d"), for Numba; arrays are given as addresses."""
    from llvmlite.binding import add_symbol  # type: ignore[import-untyped]
    from numba import types

    name = f"retrograd_cblas_{letter}gemm"
    own = getattr(library(), f"scipy_cblas_{letter}gemm64_")
    add_symbol(name, ctypes.cast(own, ctypes.c_void_p).value)
    real = types.float32 if letter == "s" else types.float64
    i32, i64, address = types.int32, types.int64, types.uintp
    sizes = (i64, i64, i64)
    arrays = (address, i64, address, i64, real, address, i64)
    return types.ExternalFunction(name, types.void(i32, i32, i32, *sizes, real, *arrays))
