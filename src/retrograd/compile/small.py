"""Products of small matrices, for which a call of BLAS takes longer than the product."""

from __future__ import annotations

from typing import Any

from retrograd.compile.functions import kernel

SMALL = 4096  # multiplications


@kernel
def product(a: Any, b: Any, out: Any) -> None:
    """out = a @ b."""
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            out[i, j] = a[i, 0] * b[0, j]
        for p in range(1, a.shape[1]):
            for j in range(b.shape[1]):
                out[i, j] += a[i, p] * b[p, j]


@kernel
def product_first_transposed(a: Any, b: Any, out: Any) -> None:
    """out = a.T @ b."""
    for i in range(a.shape[1]):
        for j in range(b.shape[1]):
            out[i, j] = a[0, i] * b[0, j]
    for p in range(1, a.shape[0]):
        for i in range(a.shape[1]):
            for j in range(b.shape[1]):
                out[i, j] += a[p, i] * b[p, j]


@kernel
def product_second_transposed(a: Any, b: Any, out: Any) -> None:
    """out = a @ b.T."""
    for i in range(a.shape[0]):
        for j in range(b.shape[0]):
            total = a[i, 0] * b[j, 0]
            for p in range(1, a.shape[1]):
                total += a[i, p] * b[j, p]
            out[i, j] = total
