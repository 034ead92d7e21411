"""Linear algebra: norms, inverses, systems of equations, determinants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from retrograd.ops.dispatch import recordable
from retrograd.ops.made import eye
from retrograd.ops.protocols import refused
from retrograd.ops.reduce import reduced
from retrograd.ops.samples import call, normal, square
from retrograd.ops.spelling import call as spelled
from retrograd.ops.table import Sized, composed, op
from retrograd.program import Expression


def _norm_sizes(
    book: Any, x: Sized, *, axis: Any = None, keepdims: bool = False
) -> Sequence[Expression]:
    return reduced(book, x, axis=axis, keepdims=keepdims)


@composed(np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """The length of a vector or a matrix, of any order that is a sum of elements."""
    matrix = (axis is None and np.ndim(x) == 2) or np.ndim(axis or 0) == 1
    if ord is None or (ord == 2 and not matrix) or (ord == "fro" and matrix):
        return frobenius(x, axis=axis, keepdims=keepdims)
    size = np.abs(x)
    if not matrix:
        if ord == np.inf:
            return np.max(size, axis=axis, keepdims=keepdims)
        if ord == -np.inf:
            return np.min(size, axis=axis, keepdims=keepdims)
        if ord == 0:
            return np.sum(x != 0, axis=axis, keepdims=keepdims).astype(x.dtype)
        if ord == 1:
            return np.sum(size, axis=axis, keepdims=keepdims)
        return np.sum(size**ord, axis=axis, keepdims=keepdims) ** (1 / ord)
    raise refused(f"np.linalg.norm(ord={ord!r})")


@recordable
def frobenius(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """sqrt(sum(x**2))."""
    return np.linalg.norm(x, axis=axis, keepdims=keepdims)


@op(
    frobenius,
    sizes=_norm_sizes,
    spell=spelled("np.linalg.norm"),
    samples=[
        call(normal(4)),
        call(normal(3, 4)),
        call(normal(3, 4), axis=1),
        call(normal(3, 4), axis=0, keepdims=True),
        call(normal(2, 3, 4), axis=(1, 2)),
    ],
)
def norm_(g: Any, out: Any, x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    """sqrt(sum(x**2)): d_x = g * x / out; NaN at x = 0.

    Source: Petersen and Pedersen, The Matrix Cookbook (2012), eq. 129.
    """
    scale = g / out
    if not keepdims and np.ndim(scale):
        axes = axis if isinstance(axis, tuple) else (axis,)
        scale = np.expand_dims(scale, tuple(a % np.ndim(x) for a in axes))
    return (scale * x,)


def _turned(x: Any) -> Any:
    return np.swapaxes(x, -1, -2) if np.ndim(x) > 2 else np.transpose(x)


@op(
    np.linalg.inv,
    sizes=lambda book, x: list(x.sizes),
    spell=spelled("np.linalg.inv"),
    samples=[call(square(3))],
)
def inv(g: Any, out: Any, x: Any) -> Any:
    """The inverse: d_x = -out.T @ g @ out.T.

    Source: Petersen and Pedersen, The Matrix Cookbook (2012), eq. 59.
    """
    return (-(_turned(out) @ g @ _turned(out)),)


@op(
    np.linalg.solve,
    spell=spelled("np.linalg.solve"),
    sizes=lambda book, a, b: list(b.sizes),
    samples=[call(square(3), normal(3)), call(square(3), normal(3, 2))],
)
def solve(g: Any, out: Any, a: Any, b: Any) -> Any:
    """The solution of a linear system: d_b = inv(a.T) @ g, d_a = -d_b @ out.T.

    Source: Giles, An extended collection of matrix derivative results (2008), section 2.3.1.
    """
    d_b = np.linalg.solve(_turned(a), g)
    return (-np.outer(d_b, out) if np.ndim(out) == 1 else -(d_b @ _turned(out))), d_b


@op(
    np.linalg.det,
    spell=spelled("np.linalg.det"),
    sizes=lambda book, x: list(x.sizes[:-2]),
    samples=[call(square(3))],
)
def det(g: Any, out: Any, x: Any) -> Any:
    """The determinant of x: d_x = g * out * inv(x).T.

    Source: Petersen and Pedersen, The Matrix Cookbook (2012), eq. 49.
    """
    return (np.reshape(g * out, (*np.shape(out), 1, 1)) * _turned(np.linalg.inv(x)),)


@recordable
def logdet(x: Any) -> Any:
    """log|det(x)|."""
    return np.linalg.slogdet(x)[1]


@op(
    logdet,
    spell=lambda args, params: spelled("np.linalg.slogdet")(args, params).indexed(1),
    sizes=lambda book, x: list(x.sizes[:-2]),
    samples=[call(square(3))],
)
def logdet_(g: Any, out: Any, x: Any) -> Any:
    """The logarithm of the determinant's size: d_x = g * inv(x).T.

    Source: Petersen and Pedersen, The Matrix Cookbook (2012), eq. 57.
    """
    return (np.reshape(g, (*np.shape(out), 1, 1)) * _turned(np.linalg.inv(x)),)


@recordable
def sign_of_det(x: Any) -> Any:
    """The sign of det(x)."""
    return np.linalg.slogdet(x)[0]


@op(
    sign_of_det,
    derivative="zero",
    spell=lambda args, params: spelled("np.linalg.slogdet")(args, params).indexed(0),
    sizes=lambda book, x: list(x.sizes[:-2]),
    samples=[call(square(3))],
)
def sign_of_det_(x: Any) -> Any:
    """The sign of det(x): piecewise constant, so its gradient is zero."""


@composed(np.linalg.slogdet)
def slogdet(a: Any) -> Any:
    """The sign and the logarithm of the size of the determinant."""
    return sign_of_det(a), logdet(a)


@composed(np.linalg.multi_dot)
def multi_dot(arrays: Any) -> Any:
    """The product of several matrices."""
    product = arrays[0]
    for array in arrays[1:]:
        product = product @ array
    return product


@composed(np.linalg.matrix_power)
def matrix_power(a: Any, n: int) -> Any:
    """A matrix times itself, n times; of its inverse for a negative n."""
    base = np.linalg.inv(a) if n < 0 else a
    if n == 0:
        return eye(np.shape(a)[-1], dtype=a.dtype) + 0 * a
    product = base
    for _ in range(abs(n) - 1):
        product = product @ base
    return product
