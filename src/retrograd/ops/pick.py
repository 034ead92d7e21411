"""Picking elements: diagonals, take, sort, insert, delete, and rows one by one."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.ops.keys import Slot
from retrograd.ops.made import arange, constant, eye, zeros
from retrograd.ops.memory import View
from retrograd.ops.move import moveaxis
from retrograd.ops.protocols import refused
from retrograd.ops.samples import call, normal
from retrograd.ops.symbol import Symbol, nested
from retrograd.ops.table import composed, op
from retrograd.ops.write import set_at
from retrograd.program import expression_of


def _rows_and_columns(x: Any, offset: int) -> tuple[Any, Any]:
    rows, columns = np.shape(x)[-2:]
    if offset == 0 and expression_of(rows) == expression_of(columns):
        return arange(rows), arange(rows)
    rows, columns = int(rows), int(columns)
    n = max(min(rows + min(offset, 0), columns - max(offset, 0)), 0)
    return arange(max(-offset, 0), max(-offset, 0) + n), arange(max(offset, 0), max(offset, 0) + n)


@composed(np.diagonal)
def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The elements a[i, i + offset]."""
    moved = moveaxis(a, (axis1, axis2), (-2, -1)) if np.ndim(a) > 2 else a
    if (axis1 % np.ndim(a)) > (axis2 % np.ndim(a)) and np.ndim(a) == 2:
        moved = np.transpose(a)
    rows, columns = _rows_and_columns(moved, offset)
    return as_view(moved, moved[(Ellipsis, rows, columns)])


def as_view(base: Any, taken: Any) -> Any:
    """What was taken of an array at fixed places, as the view that NumPy gives."""
    step = taken.recorder.producers[taken.value]
    taken.source = View(base, step.op, step.inputs[1:], step.params, base.value)
    return taken


@composed(np.diag)
def diag(v: Any, k: int = 0) -> Any:
    """The diagonal of a matrix, or a matrix with a diagonal."""
    if np.ndim(v) == 2:
        return diagonal(v, k)
    n = np.shape(v)[0]
    if k == 0:
        return eye(n, dtype=v.dtype) * v
    whole = zeros((int(n) + abs(k), int(n) + abs(k)), dtype=v.dtype)
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
    indices = constant(indices)
    if mode != "raise":
        n = np.shape(a)[axis]
        indices = np.clip(indices, 0, n - 1) if mode == "clip" else indices % n
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
        along = np.reshape(arange(n), [-1 if j == i else 1 for j in range(rank)])
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


@op(
    np.argpartition,
    derivative="none",
    sizes=lambda book, x, kth, axis=-1: list(x.sizes),
    samples=[call(normal(5), kth=2), call(normal(3, 4), kth=1, axis=0)],
)
def argpartition(x: Any, *, kth: Any, axis: int = -1) -> Any:
    """The places in an order that puts the k-th where it belongs: they jump."""


@composed(np.partition)
def partition(a: Any, kth: Any, axis: Any = -1) -> Any:
    """The k-th element where it belongs: the gradient follows each to where it came from."""
    if axis is None:
        a, axis = np.reshape(a, (-1,)), 0
    return take_along_axis(a, np.argpartition(a, kth, axis=axis), axis)


@composed(np.apply_along_axis)
def apply_along_axis(func1d: Any, axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """A function of each row along an axis."""
    rows = np.moveaxis(arr, axis, -1)
    lead = tuple(int(n) for n in np.shape(rows)[:-1])
    found = [func1d(rows[place], *args, **kwargs) for place in np.ndindex(lead)]
    whole = np.stack(found)
    whole = np.reshape(whole, (*lead, *np.shape(whole)[1:]))
    axis %= np.ndim(arr)
    for number in range(np.ndim(whole) - len(lead)):
        whole = np.moveaxis(whole, len(lead) + number, axis + number)
    return whole


@composed(np.insert)
def insert(arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    """Values before a place."""
    if axis is None:
        arr, axis = np.reshape(arr, (-1,)), 0
    if np.ndim(obj) > 0:
        raise refused("np.insert at several places")
    axis %= np.ndim(arr)
    n = int(np.shape(arr)[axis])
    place = int(obj) + (n if int(obj) < 0 else 0)
    if not 0 <= place <= n:
        raise IndexError(f"index {int(obj)} is out of bounds for axis {axis} with size {n}")
    before = (slice(None),) * axis
    shape = list(np.shape(arr))
    inside = constant(nested(values))
    inside = np.reshape(inside, (*(1,) * (np.ndim(arr) - np.ndim(inside)), *np.shape(inside)))
    inside = np.moveaxis(inside, 0, axis)  # a row of values goes along the axis
    shape[axis] = np.shape(inside)[axis]
    inside = np.broadcast_to(inside, tuple(shape))
    start, end = arr[(*before, slice(None, place))], arr[(*before, slice(place, None))]
    return np.concatenate([start, inside.astype(arr.dtype), end], axis=axis)


@composed(np.delete)
def delete(arr: Any, obj: Any, axis: Any = None) -> Any:
    """Without the elements (or rows) at some places."""
    if axis is None:
        arr, axis = np.reshape(arr, (-1,)), 0
    gone = obj._plain("an index") if isinstance(obj, Symbol) else obj
    places = np.delete(np.arange(int(np.shape(arr)[axis])), gone)
    return np.take(arr, constant(places), axis=axis)
