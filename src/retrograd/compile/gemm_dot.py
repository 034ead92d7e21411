"""Matrix products by Numba's `np.dot`, which calls SciPy's BLAS: they work everywhere."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.compile.functions import kernel
from retrograd.compile.small import (
    SMALL,
    product,
    product_first_transposed,
    product_second_transposed,
)


@kernel
def gemm(a: Any, b: Any, out: Any) -> None:
    """out = a @ b."""
    if a.shape[0] * a.shape[1] * b.shape[1] <= SMALL:
        product(a, b, out)
    else:
        np.dot(a, b, out)


@kernel
def gemm_first_transposed(a: Any, b: Any, out: Any) -> None:
    """out = a.T @ b."""
    if a.shape[0] * a.shape[1] * b.shape[1] <= SMALL:
        product_first_transposed(a, b, out)
    else:
        np.dot(a.T, b, out)


@kernel
def gemm_second_transposed(a: Any, b: Any, out: Any) -> None:
    """out = a @ b.T."""
    if a.shape[0] * a.shape[1] * b.shape[0] <= SMALL:
        product_second_transposed(a, b, out)
    else:
        np.dot(a, b.T, out)


@kernel
def gemm_both_transposed(a: Any, b: Any, out: Any) -> None:
    """out = a.T @ b.T."""
    np.dot(a.T, b.T, out)
