"""Moving, repeating and picking elements: flip, roll, tile, repeat, pad, diagonals, take, sort."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from retrograd.ops.reduce import axes_of
from retrograd.ops.samples import call, normal
from retrograd.ops.table import Sized, composed, op
from retrograd.program import Expression, plain


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
    back = tuple(-s for s in shift) if isinstance(shift, tuple) else -shift
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
def tile(A: Any, reps: Any) -> Any:  # noqa: N803  (NumPy's name)
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
    places = np.repeat(np.arange(int(np.shape(a)[axis])), np.asarray(repeats))
    return np.take(a, places, axis=axis)


def _widths(x: Any, pad_width: Any) -> list[tuple[Any, Any]]:
    if np.ndim(pad_width) == 0:
        return [(pad_width, pad_width)] * np.ndim(x)
    pairs = [tuple(p) if np.ndim(p) else (p, p) for p in pad_width]
    if len(pairs) == 2 and np.ndim(pad_width) == 1:
        pairs = [tuple(pad_width)]
    return pairs * np.ndim(x) if len(pairs) == 1 else pairs


@composed(np.pad)
def pad(array: Any, pad_width: Any, mode: str = "constant", constant_values: Any = 0) -> Any:
    """A frame of one number around an array, or of copies of its edge."""
    widths = _widths(array, pad_width)
    if mode == "edge":
        for axis, (before, after) in enumerate(widths):
            n = np.shape(array)[axis]
            places = np.arange(-before, n + after)
            array = np.take(array, np.clip(places, 0, n - 1), axis=axis)
        return array
    if mode != "constant":
        from retrograd.ops import current_recorder, messages

        recorder = current_recorder()
        assert recorder is not None
        error = messages.no_rule(f"np.pad(mode={mode!r})", recorder.position())
        raise recorder.failed(error)
    shape = [n + before + after for n, (before, after) in zip(np.shape(array), widths, strict=True)]
    out = np.full(shape, constant_values, dtype=array.dtype)
    inner = [slice(w[0], w[0] + n) for n, w in zip(np.shape(array), widths, strict=True)]
    return add_frame(out, array, inner)


def add_frame(out: Any, array: Any, inner: Sequence[slice]) -> Any:
    """`out` with `array` written inside."""
    from retrograd.ops.write import set_at

    return set_at(out, array, key=tuple(inner))


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


def _rows_and_columns(x: Any, offset: int) -> tuple[Any, Any]:
    rows, columns = plain(np.shape(x))[-2:]
    n = max(min(rows + min(offset, 0), columns - max(offset, 0)), 0)
    return np.arange(max(-offset, 0), max(-offset, 0) + n), np.arange(
        max(offset, 0), max(offset, 0) + n
    )


@composed(np.diagonal)
def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The elements a[i, i + offset]."""
    moved = moveaxis(a, (axis1, axis2), (-2, -1)) if np.ndim(a) > 2 else a
    if (axis1 % np.ndim(a)) > (axis2 % np.ndim(a)) and np.ndim(a) == 2:
        moved = np.transpose(a)
    rows, columns = _rows_and_columns(moved, offset)
    return moved[(Ellipsis, rows, columns)]


@composed(np.diag)
def diag(v: Any, k: int = 0) -> Any:
    """The diagonal of a matrix, or a matrix with a diagonal."""
    if np.ndim(v) == 2:
        return diagonal(v, k)
    n = np.shape(v)[0]
    if k == 0:
        return np.eye(n, dtype=v.dtype) * v
    whole = np.zeros((int(n) + abs(k), int(n) + abs(k)), dtype=v.dtype)
    from retrograd.ops.keys import Slot
    from retrograd.ops.write import set_at

    rows, columns = _rows_and_columns(whole, k)
    return set_at(whole, v, rows, columns, key=(Slot(0), Slot(1)))


@composed(np.diagflat)
def diagflat(v: Any, k: int = 0) -> Any:
    """A matrix with all elements on its diagonal."""
    return diag(np.reshape(v, (-1,)), k)


@composed(np.trace)
def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The sum of the diagonal."""
    return np.sum(diagonal(a, offset, axis1, axis2), axis=-1)


@composed(np.take)
def take(a: Any, indices: Any, axis: Any = None, mode: str = "raise") -> Any:
    """The elements (or rows) at some places."""
    if axis is None:
        a, axis = np.reshape(a, (-1,)), 0
    return a[(*(slice(None),) * (axis % np.ndim(a)), indices)]


@composed(np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Any:
    """Each row's own places along an axis."""
    if axis is None:
        return np.reshape(arr, (-1,))[indices]
    rank = np.ndim(arr)
    axis %= rank
    key = []
    for i, n in enumerate(np.shape(arr)):
        along = np.reshape(np.arange(n), [-1 if j == i else 1 for j in range(rank)])
        key.append(indices if i == axis else along)
    return arr[tuple(key)]


@op(
    np.argsort,
    derivative="none",
    sizes=lambda book, x, axis=-1, kind=None: list(x.sizes),
    samples=[call(normal(4)), call(normal(3, 4), axis=0)],
)
def argsort(x: Any, *, axis: int = -1, kind: Any = None) -> Any:
    """The places in sorted order: they jump, and have no useful derivative."""


@composed(np.sort)
def sort(a: Any, axis: Any = -1, kind: Any = None) -> Any:
    """The elements in order: the gradient follows them to where they came from."""
    if axis is None:
        a, axis = np.reshape(a, (-1,)), 0
    return take_along_axis(a, np.argsort(a, axis=axis, kind="stable"), axis)


@composed(np.median)
def median(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The middle element in order, or the mean of the two in the middle."""
    if axis is None:
        result = median(np.reshape(a, (-1,)), 0)
        return np.reshape(result, (1,) * np.ndim(a)) if keepdims else result
    ordered = sort(a, axis)
    n = int(np.shape(a)[axis])
    before = (slice(None),) * (axis % np.ndim(a))
    middle = ordered[(*before, slice((n - 1) // 2, n // 2 + 1))]
    return np.mean(middle, axis=axis, keepdims=keepdims)


@composed(np.diff)
def diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    """Differences of neighbours."""
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


@composed(np.broadcast_arrays)
def broadcast_arrays(*args: Any) -> Any:
    """All in the shape that they have together."""
    total = args[0] * 0
    for a in args[1:]:
        total = total + a * 0
    return tuple(np.broadcast_to(a, np.shape(total)) for a in args)


@composed(np.apply_along_axis)
def apply_along_axis(func1d: Any, axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """A function of each row along an axis."""
    rows = np.moveaxis(arr, axis, -1)
    lead = tuple(int(n) for n in np.shape(rows)[:-1])
    found = [func1d(rows[place], *args, **kwargs) for place in np.ndindex(lead)]
    whole = np.stack(found)
    whole = np.reshape(whole, (*lead, *np.shape(whole)[1:]))
    return whole if np.ndim(whole) == len(lead) else np.moveaxis(whole, -1, axis)
