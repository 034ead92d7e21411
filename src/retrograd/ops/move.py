"""Moving and repeating elements: flip, roll, moveaxis, tile, repeat, triangles, differences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from retrograd.ops.made import constant
from retrograd.ops.reduce import axes_of
from retrograd.ops.samples import call, normal
from retrograd.ops.symbol import Symbol
from retrograd.ops.table import Sized, composed, op
from retrograd.program import Expression


def _same_sizes(book: Any, x: Sized, **params: Any) -> Sequence[Expression]:
    return list(x.sizes)


@op(
    np.flip,
    view=True,
    carries=True,
    sizes=_same_sizes,
    samples=[call(normal(4)), call(normal(3, 4), axis=0), call(normal(2, 3, 4), axis=(0, 2))],
)
def flip(g: Any, out: Any, x: Any, *, axis: Any = None) -> Any:
    """The elements in reverse: the gradient is reversed back."""
    return (np.flip(g, axis),)


@composed(np.flipud)
def flipud(m: Any) -> Any:
    """The first axis in reverse."""
    return np.flip(m, 0)


@composed(np.fliplr)
def fliplr(m: Any) -> Any:
    """The second axis in reverse."""
    return np.flip(m, 1)


@composed(np.rot90)
def rot90(m: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    """Quarter turns in the plane of two axes."""
    first, second = axes
    turns = k % 4
    if turns == 2:
        return np.flip(m, (first, second))
    if turns == 0:
        return m[...]
    turned = np.swapaxes(m, first, second)
    return np.flip(turned, first if turns == 1 else second)


@op(
    np.roll,
    carries=True,
    sizes=_same_sizes,
    samples=[
        call(normal(4), shift=1),
        call(normal(3, 4), shift=2),
        call(normal(3, 4), shift=-1, axis=1),
        call(normal(3, 4), shift=(1, 2), axis=(0, 1)),
    ],
)
def roll(g: Any, out: Any, x: Any, *, shift: Any, axis: Any = None) -> Any:
    """The elements shifted around: the gradient is shifted back."""
    back = tuple(-s for s in shift) if isinstance(shift, tuple | list) else -shift
    return (np.roll(g, back, axis),)


@composed(np.moveaxis)
def moveaxis(a: Any, source: Any, destination: Any) -> Any:
    """Some axes at other places, the rest in order."""
    rank = np.ndim(a)
    start, end = axes_of(source, rank), axes_of(destination, rank)
    order = [n for n in range(rank) if n not in start]
    for place, axis in sorted(zip(end, start, strict=True)):
        order.insert(place, axis)
    return np.transpose(a, order)


@composed(np.rollaxis)
def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    """One axis moved back to before another one."""
    rank = np.ndim(a)
    axis, start = axis % rank, start + rank if start < 0 else start
    return moveaxis(a, axis, start - 1 if axis < start else start)


@composed(np.tile)
def tile(A: Any, reps: Any) -> Any:
    """The whole array, repeated along each axis: copies, which broadcasting makes."""
    counts = [reps] if np.ndim(reps) == 0 else list(reps)
    rank = max(len(counts), np.ndim(A))
    counts = [1] * (rank - len(counts)) + counts
    shape = [1] * (rank - np.ndim(A)) + list(np.shape(A))
    apart = [n for size in shape for n in (1, size)]
    copies = [n for count, size in zip(counts, shape, strict=True) for n in (count, size)]
    whole = [count * size for count, size in zip(counts, shape, strict=True)]
    return np.reshape(np.broadcast_to(np.reshape(A, apart), copies), whole)


@composed(np.repeat)
def repeat(a: Any, repeats: Any, axis: Any = None) -> Any:
    """Each element (or row) so many times in a row."""
    if axis is None:
        a, axis = np.reshape(a, (-1,)), 0
    if np.ndim(repeats) == 0:
        axis %= np.ndim(a)
        shape = list(np.shape(a))
        copies = [*shape[: axis + 1], repeats, *shape[axis + 1 :]]
        whole = [*shape[:axis], shape[axis] * repeats, *shape[axis + 1 :]]
        column = np.expand_dims(a, axis + 1)
        return np.reshape(np.broadcast_to(column, copies), whole)
    counts = repeats._plain("a number of copies") if isinstance(repeats, Symbol) else repeats
    places = np.repeat(np.arange(int(np.shape(a)[axis])), counts)
    return np.take(a, constant(places), axis=axis)


@op(
    np.triu,
    carries=True,
    sizes=_same_sizes,
    samples=[call(normal(3, 4)), call(normal(3, 4), k=1), call(normal(2, 3, 3), k=-1)],
)
def triu(g: Any, out: Any, m: Any, *, k: int = 0) -> Any:
    """The upper triangle, zeros below: the gradient is cut in the same way."""
    return (np.triu(g, k),)


@op(
    np.tril,
    carries=True,
    sizes=_same_sizes,
    samples=[call(normal(3, 4)), call(normal(3, 4), k=1), call(normal(2, 3, 3), k=-1)],
)
def tril(g: Any, out: Any, m: Any, *, k: int = 0) -> Any:
    """The lower triangle, zeros above: the gradient is cut in the same way."""
    return (np.tril(g, k),)


@composed(np.diff)
def diff(
    a: Any,
    n: int = 1,
    axis: int = -1,
    prepend: Any = np._NoValue,
    append: Any = np._NoValue,
) -> Any:
    """Differences of neighbours."""
    if n <= 0:
        if n < 0:
            raise ValueError(f"order must be non-negative but got {n}")
        return a
    ends = [constant(x) if x is not np._NoValue else None for x in (prepend, append)]
    if any(x is not None for x in ends):
        edge = list(np.shape(a))
        edge[axis] = 1
        parts = [x for x in (ends[0], a, ends[1]) if x is not None]
        a = np.concatenate(
            [np.broadcast_to(x, tuple(edge)) if np.ndim(x) == 0 else x for x in parts], axis=axis
        )
    before = (slice(None),) * (axis % np.ndim(a))
    for _ in range(n):
        a = a[(*before, slice(1, None))] - a[(*before, slice(None, -1))]
    return a


@composed(np.atleast_1d)
def atleast_1d(*arys: Any) -> Any:
    """With at least one axis."""
    found = [a if np.ndim(a) else np.reshape(a, (1,)) for a in arys]
    return found[0] if len(found) == 1 else tuple(found)


@composed(np.atleast_2d)
def atleast_2d(*arys: Any) -> Any:
    """With at least two axes; an array with one is a row."""
    found = [a if np.ndim(a) > 1 else np.reshape(a, (1, -1)) for a in arys]
    return found[0] if len(found) == 1 else tuple(found)


@composed(np.atleast_3d)
def atleast_3d(*arys: Any) -> Any:
    """With at least three axes; new ones stand around one axis, and behind two."""
    found = []
    for a in arys:
        if np.ndim(a) < 2:
            a = np.reshape(a, (1, -1, 1))
        found.append(a if np.ndim(a) > 2 else a[:, :, None])
    return found[0] if len(found) == 1 else tuple(found)


@composed(np.matrix_transpose)
def matrix_transpose(x: Any) -> Any:
    """Each matrix in x, transposed."""
    return np.swapaxes(x, -1, -2)


@composed(np.broadcast_arrays)
def broadcast_arrays(*args: Any) -> Any:
    """All in the shape that they have together."""
    args = tuple(constant(a) for a in args)
    total = args[0]
    for a in args[1:]:
        total = np.where(True, total, a)
    return tuple(np.broadcast_to(a, np.shape(total)) for a in args)


@composed(np.meshgrid)
def meshgrid(*xi: Any, indexing: str = "xy", sparse: bool = False, copy: bool = True) -> Any:
    """Every pair of coordinates, as one array for each coordinate."""
    axes = [np.reshape(constant(x), (-1,)) for x in xi]
    places = list(range(len(axes)))
    if indexing == "xy" and len(axes) > 1:
        places[:2] = 1, 0
    shape: list[Any] = [1] * len(axes)
    for x, place in zip(axes, places, strict=True):
        shape[place] = np.shape(x)[0]
    grids = []
    for x, place in zip(axes, places, strict=True):
        along = np.reshape(x, [-1 if i == place else 1 for i in range(len(axes))])
        grids.append(along if sparse else np.broadcast_to(along, shape))
    return tuple(grids)
