"""Matrix products: matmul, dot, outer, and products of vectors."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from retrograd.ops.samples import call, normal
from retrograd.ops.spelling import MULTIPLY, infix
from retrograd.ops.table import Sized, composed, op, since
from retrograd.program import Expression, plain


def _swap(x: Any) -> Any:
    """Each matrix in x, transposed."""
    return np.transpose(x) if np.ndim(x) == 2 else np.swapaxes(x, -1, -2)


def _matmul_sizes(book: Any, x: Sized, y: Sized) -> Sequence[Expression]:
    row, column = len(x.shape) == 1, len(y.shape) == 1
    book.same(x.sizes[-1], y.sizes[0 if column else -2])
    batch = book.broadcast((x.shape[:-2], x.sizes[:-2]), (y.shape[:-2], y.sizes[:-2]))
    result = list(batch)
    if not row:
        result.append(x.sizes[-2])
    if not column:
        result.append(y.sizes[-1])
    return result


def _product_gradients(g: Any, out: Any, x: Any, y: Any) -> tuple[Any, Any]:
    rows, columns = np.ndim(x), np.ndim(y)
    if rows == 1 and columns == 1:
        return g * y, g * x
    if rows == columns == 2 and plain(np.shape(x))[0] == 1 and plain(np.shape(y))[1] == 1:
        return g * _swap(y), g * _swap(x)  # a row times a column: one number
    if np.ndim(g) == 0:
        g = np.full_like(out, g)
    if columns == 1 and rows == 2:
        return np.outer(g, y), x.T @ g
    if columns == 1:
        along = g[..., None]  # (..., n, 1)
        return along * y, along * x
    if rows == 1 and columns == 2:
        return y @ g, np.outer(x, g)
    if rows == 1:
        across = g[..., None, :]  # (..., 1, m)
        return np.sum(y * across, axis=-1), x[:, None] * across
    return g @ _swap(y), _swap(x) @ g


@op(
    np.matmul,
    run=operator.matmul,
    lazy="number",
    spell=infix("@", MULTIPLY),
    sizes=_matmul_sizes,
    samples=[
        call(normal(3), normal(3)),
        call(normal(2, 3), normal(3)),
        call(normal(3), normal(3, 4)),
        call(normal(2, 3), normal(3, 4)),
        call(normal(1, 3), normal(3, 1)),
        call(normal(5, 2, 3), normal(3, 4)),
        call(normal(2, 3), normal(5, 3, 4)),
        call(normal(5, 2, 3), normal(5, 3, 4)),
        call(normal(6, 1, 2, 3), normal(5, 3, 4)),
        call(normal(5, 2, 3), normal(3)),
        call(normal(3), normal(5, 3, 4)),
    ],
)
def matmul(g: Any, out: Any, x: Any, y: Any) -> Any:
    """x @ y: d_x = g @ y.T, d_y = x.T @ g; batches that were broadcast are summed by the walker.

    Source: Petersen and Pedersen, The Matrix Cookbook (2012), section 2.5 (traces of products).
    """
    return _product_gradients(g, out, x, y)


def _dot_sizes(book: Any, x: Sized, y: Sized) -> Sequence[Expression] | None:
    if not x.shape or not y.shape:
        return tuple(book.broadcast((x.shape, x.sizes), (y.shape, y.sizes)))
    book.same(x.sizes[-1], y.sizes[0 if len(y.shape) == 1 else -2])
    return [*x.sizes[:-1], *y.sizes[:-2], *(y.sizes[-1:] if len(y.shape) > 1 else ())]


@op(
    np.dot,
    lazy="number",
    sizes=_dot_sizes,
    samples=[
        call(normal(), normal(3, 4)),
        call(normal(3), normal()),
        call(normal(3), normal(3)),
        call(normal(2, 3), normal(3)),
        call(normal(3), normal(3, 4)),
        call(normal(2, 3), normal(3, 4)),
        call(normal(5, 2, 3), normal(3, 4)),
        call(normal(5, 2, 3), normal(3)),
        call(normal(2, 3), normal(5, 3, 4)),
        call(normal(3), normal(5, 3, 4)),
    ],
)
def dot(g: Any, out: Any, x: Any, y: Any) -> Any:
    """np.dot: a product with a number, `x @ y` up to two axes of y, all pairs of rows beyond."""
    rank_x, rank_y = np.ndim(x), np.ndim(y)
    if rank_x == 0 or rank_y == 0:
        return g * y, g * x
    if rank_y <= 2:
        return _product_gradients(g, out, x, y)
    g = g if np.ndim(g) else np.full_like(out, g)
    # out[..., i, j] = sum over k of x[..., k] * y[i, k, j]
    rows = np.reshape(x, (-1, np.shape(x)[-1]))  # (r, k)
    matrices = np.reshape(y, (-1, *np.shape(y)[-2:]))  # (i, k, j)
    upstream = np.transpose(
        np.reshape(g, (np.shape(rows)[0], np.shape(matrices)[0], np.shape(y)[-1])), (1, 0, 2)
    )  # (i, r, j)
    d_rows = np.sum(upstream @ np.swapaxes(matrices, -1, -2), axis=0)
    return np.reshape(d_rows, np.shape(x)), np.reshape(rows.T @ upstream, np.shape(y))


def _outer_sizes(book: Any, x: Sized, y: Sized) -> Sequence[Expression] | None:
    if len(x.shape) > 1 or len(y.shape) > 1:
        return None
    return [*(x.sizes or [Expression.of(1)]), *(y.sizes or [Expression.of(1)])]


def _pairs(x: Any, y: Any) -> Any:
    return np.reshape(x, (-1, 1)) * np.reshape(y, (1, -1))


@op(
    np.outer,
    made_of=_pairs,
    sizes=_outer_sizes,
    samples=[
        call(normal(3), normal(4)),
        call(normal(1), normal(4)),
        call(normal(), normal(3)),
        call(normal(2, 2), normal(3)),
    ],
)
def outer(g: Any, out: Any, x: Any, y: Any) -> Any:
    """x[i] * y[j], for all pairs: d_x = g @ y, d_y = x @ g."""
    d_x, d_y = g @ np.ravel(y), np.ravel(x) @ g
    return np.reshape(d_x, np.shape(x)), np.reshape(d_y, np.shape(y))


@composed(np.vecdot)
def vecdot(x1: Any, x2: Any, axis: int = -1) -> Any:
    """The sums of products along an axis."""
    return np.sum(x1 * x2, axis=axis)


@composed(*since(np, "matvec"))
def matvec(x1: Any, x2: Any) -> Any:
    """Each matrix times each vector."""
    return np.squeeze(np.matmul(x1, x2[..., None]), -1)


@composed(*since(np, "vecmat"))
def vecmat(x1: Any, x2: Any) -> Any:
    """Each vector times each matrix."""
    return np.squeeze(np.matmul(x1[..., None, :], x2), -2)
