"""The lengths of vectors and matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from retrograd.ops.dispatch import recordable
from retrograd.ops.move import moveaxis
from retrograd.ops.protocols import refused
from retrograd.ops.reduce import axes_of, reduced, spread
from retrograd.ops.samples import call, normal
from retrograd.ops.spelling import Text
from retrograd.ops.spelling import call as spelled
from retrograd.ops.table import Sized, composed, op
from retrograd.program import Expression


@recordable
def length(x: Any, axis: Any = None, keepdims: bool = False, ord: float = 2) -> Any:
    """sum(|x|**ord)**(1 / ord) over some axes."""
    if ord == 2 and (axis is None or np.ndim(axis) == 0 or len(axis) == 2):
        return np.linalg.norm(x, axis=axis, keepdims=keepdims)
    return np.linalg.vector_norm(x, axis=axis, keepdims=keepdims, ord=ord)


def _spell(args: Sequence[Text], params: Mapping[str, str]) -> Text:
    plain = "ord" not in params and params.get("axis", "").count(",") < 2
    return spelled("np.linalg.norm" if plain else "np.linalg.vector_norm")(args, params)


def _sizes(
    book: Any, x: Sized, *, axis: Any = None, keepdims: bool = False, ord: float = 2
) -> Sequence[Expression]:
    return reduced(book, x, axis=axis, keepdims=keepdims)


@op(
    length,
    sizes=_sizes,
    spell=_spell,
    samples=[
        call(normal(4)),
        call(normal(3, 4)),
        call(normal(3, 4), axis=1),
        call(normal(3, 4), axis=0, keepdims=True),
        call(normal(2, 3, 4), axis=(1, 2)),
        call(normal(2, 3, 4), axis=(0, 1, 2)),
        call(normal(4), ord=3),
        call(normal(3, 4), axis=1, ord=1.5),
        call(normal(3, 4), axis=0, ord=0.5),
        call(normal(3, 4), axis=0, ord=-2),
    ],
)
def norm(
    g: Any, out: Any, x: Any, *, axis: Any = None, keepdims: bool = False, ord: float = 2
) -> Any:
    """sum(|x|**p)**(1 / p): d_x = g * sign(x) * (|x| / out)**(p - 1); g * x / out for p = 2.

    Where out is 0, all of x is, and the gradient is 0: the smallest of its subgradients. So it is
    where an element is 0 and p below 1.

    Source: Petersen and Pedersen, The Matrix Cookbook (2012), eq. 129.
    """
    whole = np.where(out == 0, 1, out)
    if ord == 2:
        return (spread(g / whole, x, axis, keepdims) * x,)
    share = np.abs(x) / spread(whole, x, axis, keepdims)
    if ord < 1:
        share = np.where(share == 0, 1, share)
    return (spread(g, x, axis, keepdims) * np.sign(x) * share ** (ord - 1),)


@composed(np.linalg.norm)
def norm_(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """The length of a vector or a matrix, of any order."""
    if ord is None:
        return length(x, axis=axis, keepdims=keepdims)
    if (axis is None and np.ndim(x) > 2) or (np.ndim(axis or 0) == 1 and len(axis) != 2):
        raise ValueError("Improper number of dimensions to norm.")
    if (axis is None and np.ndim(x) == 2) or np.ndim(axis if axis is not None else 0) == 1:
        return matrix_norm_(x, ord, axis_pair(axis), keepdims)
    return vector_norm(x, axis=axis, keepdims=keepdims, ord=ord)


def axis_pair(axis: Any) -> tuple[int, int]:
    """The axes of a matrix: the last two unless given."""
    if axis is None:
        return (-2, -1)
    rows, columns = axis
    return (rows, columns)


@composed(np.linalg.vector_norm)
def vector_norm(x: Any, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    """The length of what stands along some axes, as one vector."""
    size = np.abs(x) if ord in (np.inf, -np.inf, 1) else x
    if ord == np.inf:
        return np.max(size, axis=axis, keepdims=keepdims)
    if ord == -np.inf:
        return np.min(size, axis=axis, keepdims=keepdims)
    if ord == 0:
        return np.sum(x != 0, axis=axis, keepdims=keepdims).astype(x.dtype)
    if ord == 1:
        return np.sum(size, axis=axis, keepdims=keepdims)
    return length(x, axis=axis, keepdims=keepdims, ord=ord)


@composed(np.linalg.matrix_norm)
def matrix_norm(x: Any, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    """The norm of each matrix, of any order."""
    return matrix_norm_(x, ord, (-2, -1), keepdims)


def matrix_norm_(x: Any, ord: Any, axes: tuple[int, int], keepdims: bool) -> Any:
    """The norm of each matrix in two axes: of its elements, its sums, or its singular values."""
    if ord == "fro":
        return length(x, axis=axes_of(axes, np.ndim(x)), keepdims=keepdims)
    behind = (np.ndim(x) - 2, np.ndim(x) - 1)
    last = x if axes_of(axes, np.ndim(x)) == behind else moveaxis(x, axes, behind)
    if ord in (1, -1, np.inf, -np.inf):
        sums = np.sum(np.abs(last), axis=-2 if ord in (1, -1) else -1)
        found = np.max(sums, axis=-1) if ord > 0 else np.min(sums, axis=-1)
    elif ord in (2, -2, "nuc"):
        values = np.linalg.svdvals(last)
        if ord == "nuc":
            found = np.sum(values, axis=-1)
        else:
            found = np.max(values, axis=-1) if ord == 2 else np.min(values, axis=-1)
    else:
        raise refused(f"np.linalg.norm(ord={ord!r})")
    if not keepdims:
        return found
    return np.expand_dims(found, tuple(sorted(axes_of(axes, np.ndim(x)))))


@composed(np.linalg.cond)
def cond(x: Any, p: Any = None) -> Any:
    """How far a matrix is from being singular: the norm times the inverse's norm."""
    if p in (None, 2, -2):
        values = np.linalg.svdvals(x)
        ratio = values[..., 0] / values[..., -1]
        return 1 / ratio if p == -2 else ratio
    return matrix_norm_(x, p, (-2, -1), False) * matrix_norm_(np.linalg.inv(x), p, (-2, -1), False)
