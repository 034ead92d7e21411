"""Linear algebra: inverses, systems of equations, determinants, powers."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.ops.dispatch import recordable
from retrograd.ops.made import eye
from retrograd.ops.reduce import axes_of
from retrograd.ops.samples import call, normal, square
from retrograd.ops.spelling import call as spelled
from retrograd.ops.table import composed, op
from retrograd.program import plain


def turned(x: Any) -> Any:
    """Each matrix in x, transposed."""
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
    return (-(turned(out) @ g @ turned(out)),)


@recordable
def solution(a: Any, b: Any) -> Any:
    """The solution of a @ x = b, a matrix each, or one matrix and one vector."""
    return np.linalg.solve(a, b)


@composed(np.linalg.solve)
def solve_(a: Any, b: Any) -> Any:
    """The solution of a linear system, or of several."""
    if np.ndim(a) == 2 and np.ndim(b) < 3:
        return solution(a, b)
    column = np.ndim(b) == 1
    b = b[:, None] if column else b
    if np.ndim(a) == np.ndim(b) and plain(np.shape(a)[:-2]) == plain(np.shape(b)[:-2]):
        return solution(a, b)
    batch = np.broadcast_shapes(plain(np.shape(a)[:-2]), plain(np.shape(b)[:-2]))
    a = np.broadcast_to(a, (*batch, *np.shape(a)[-2:]))
    b = np.broadcast_to(b, (*batch, *np.shape(b)[-2:]))
    found = solution(a, b)
    return found[..., 0] if column else found


@op(
    solution,
    spell=spelled("np.linalg.solve"),
    sizes=lambda book, a, b: list(b.sizes),
    samples=[call(square(3), normal(3)), call(square(3), normal(3, 2))],
)
def solve(g: Any, out: Any, a: Any, b: Any) -> Any:
    """The solution of a linear system: d_b = inv(a.T) @ g, d_a = -d_b @ out.T.

    Source: Giles, An extended collection of matrix derivative results (2008), section 2.3.1.
    """
    d_b = solution(turned(a), g)
    return (-np.outer(d_b, out) if np.ndim(out) == 1 else -(d_b @ turned(out))), d_b


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
    return (np.reshape(g * out, (*np.shape(out), 1, 1)) * turned(np.linalg.inv(x)),)


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
    return (np.reshape(g, (*np.shape(out), 1, 1)) * turned(np.linalg.inv(x)),)


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


_SlogdetResult: Any = type(np.linalg.slogdet(np.eye(1)))


@composed(np.linalg.slogdet)
def slogdet(a: Any) -> Any:
    """The sign and the logarithm of the size of the determinant."""
    return _SlogdetResult(sign_of_det(a), logdet(a))


@op(
    np.linalg.pinv,
    spell=spelled("np.linalg.pinv"),
    sizes=lambda book, x, **params: [*x.sizes[:-2], x.sizes[-1], x.sizes[-2]],
    samples=[
        call(normal(3, 4)),
        call(normal(4, 3)),
        call(square(3)),
        call(normal(2, 4, 3)),
    ],
)
def pinv(
    g: Any, out: Any, x: Any, *, rcond: Any = None, hermitian: bool = False, rtol: Any = None
) -> Any:
    """The pseudoinverse P: d_x = P.T P g.T (1 - x P).T + (1 - P x).T g.T P P.T - P.T g P.T.

    As long as the rank stays the same; elsewhere it jumps.

    Source: Golub and Pereyra, "The Differentiation of Pseudo-Inverses and Nonlinear Least Squares
    Problems Whose Variables Separate" (1973), eq. 4.12.
    """
    back = turned(out)
    left = turned(g) - x @ (out @ turned(g))  # (1 - x P) g.T
    right = turned(g) - turned(g) @ out @ x  # g.T (1 - P x)
    return (left @ out @ back + back @ out @ right - back @ g @ back,)


@composed(np.linalg.tensorinv)
def tensorinv(a: Any, ind: int = 2) -> Any:
    """The inverse with respect to tensordot."""
    first, last = np.shape(a)[:ind], np.shape(a)[ind:]
    n = int(np.prod([int(m) for m in last]))
    return np.reshape(np.linalg.inv(np.reshape(a, (n, n))), (*last, *first))


@composed(np.linalg.tensorsolve)
def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    """x such that tensordot(a, x) is b."""
    if axes is not None:
        rest = [i for i in range(np.ndim(a)) if i not in axes_of(axes, np.ndim(a))]
        a = np.transpose(a, [*rest, *axes_of(axes, np.ndim(a))])
    shape = np.shape(a)[np.ndim(b) :]
    n = int(np.prod([int(m) for m in shape]))
    found = np.linalg.solve(np.reshape(a, (n, n)), np.reshape(b, (n,)))
    return np.reshape(found, shape)


# functions that np.linalg has under the same name as np
composed(np.linalg.matmul)(lambda x1, x2: np.matmul(x1, x2))
composed(np.linalg.outer)(lambda x1, x2: np.outer(x1, x2))
composed(np.linalg.trace)(lambda x, offset=0: np.trace(x, offset, -2, -1))
composed(np.linalg.diagonal)(lambda x, offset=0: np.diagonal(x, offset, -2, -1))
composed(np.linalg.cross)(lambda x1, x2, axis=-1: np.cross(x1, x2, axis=axis))
composed(np.linalg.tensordot)(lambda x1, x2, axes=2: np.tensordot(x1, x2, axes=axes))
composed(np.linalg.vecdot)(lambda x1, x2, axis=-1: np.sum(x1 * x2, axis=axis))
composed(np.linalg.matrix_transpose)(lambda x: np.matrix_transpose(x))


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
