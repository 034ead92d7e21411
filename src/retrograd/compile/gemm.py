"""Matrix products of stored arrays, either of them transposed."""

from retrograd.compile.blas import kind

if kind() == "blas":
    from retrograd.compile.gemm_blas import (
        gemm,
        gemm_both_transposed,
        gemm_first_transposed,
        gemm_second_transposed,
    )
else:
    from retrograd.compile.gemm_dot import (
        gemm,
        gemm_both_transposed,
        gemm_first_transposed,
        gemm_second_transposed,
    )

__all__ = ["gemm", "gemm_both_transposed", "gemm_first_transposed", "gemm_second_transposed"]
