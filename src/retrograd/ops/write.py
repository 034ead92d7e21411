"""Writes at an index: into zeros, which is the gradient of reading there, and into an array."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from retrograd.ops.dispatch import recordable
from retrograd.ops.keys import (
    Slot,
    filled,
    getitem_of,
    index_sizes,
    is_mask,
    key_text,
    surely_once,
)
from retrograd.ops.made import constant
from retrograd.ops.masks import on_all_of
from retrograd.ops.protocols import refused
from retrograd.ops.samples import booleans, call, fixed, normal
from retrograd.ops.spelling import ATOM, Text
from retrograd.ops.symbol import Symbol
from retrograd.ops.table import composed, op
from retrograd.program import plain

_rows = fixed(np.array([0, 2, 1]))
_repeated = fixed(np.array([0, 2, 2]))


def scatter(x: Any, g: Any, *arrays: Any, key: Any) -> Any:
    """Zeros of x's shape with g added at `key`."""
    write = scatter_set if surely_once(arrays, key) else scatter_add
    return write(x, g, *arrays, key=key)


@recordable
def scatter_set(x: Any, g: Any, *arrays: Any, key: Any) -> Any:
    """Zeros of x's shape with g written at `key`, which names each place once."""
    result = np.zeros_like(x)
    result[filled(key, arrays)] = g
    return result


@recordable
def scatter_add(x: Any, g: Any, *arrays: Any, key: Any) -> Any:
    """Zeros of x's shape with g added at `key`, which may name a place more than once."""
    result = np.zeros_like(x)
    np.add.at(result, filled(key, arrays), g)
    return result


def _statements_set(target: str, args: Sequence[Text], params: Mapping[str, str]) -> list[str]:
    x, g, *arrays = args
    return [
        f"{target} = np.zeros_like({x.code})",
        f"{target}[{key_text(arrays, params)}] = {g.code}",
    ]


def _statements_add(target: str, args: Sequence[Text], params: Mapping[str, str]) -> list[str]:
    x, g, *arrays = args
    key = _key_argument(arrays, params)
    return [f"{target} = np.zeros_like({x.code})", f"np.add.at({target}, {key}, {g.code})"]


def _key_argument(arrays: Sequence[Text], params: Mapping[str, str]) -> str:
    """The key as an argument of a function."""
    key = key_text(arrays, params)
    if ":" in key or "..." in key:
        return f"np.s_[{key}]"
    return f"({key})" if "," in key else key


@op(
    scatter_set,
    chosen="{1} if {here} else 0",
    like=True,
    sizes=lambda book, x, g, *arrays, key: x.sizes,
    statements=_statements_set,
    samples=[
        call(normal(3, 4), normal(4), key=(1,)),
        call(normal(3, 4), normal(), key=(slice(1, 2),)),
    ],
)
def scatter_set_(g: Any, out: Any, x: Any, value: Any, *arrays: Any, key: Any) -> Any:
    """Zeros with a value written at a key: the value's gradient is read there."""
    return (None, getitem_of(g, arrays, key), *(None for _ in arrays))


@op(
    scatter_add,
    chosen="{1} if {here} else 0",
    like=True,
    sizes=lambda book, x, g, *arrays, key: x.sizes,
    statements=_statements_add,
    samples=[call(normal(3, 4), normal(3, 4), _repeated, key=(Slot(0),))],
)
def scatter_add_(g: Any, out: Any, x: Any, value: Any, *arrays: Any, key: Any) -> Any:
    """Zeros with a value added at a key: the value's gradient is read there."""
    return (None, getitem_of(g, arrays, key), *(None for _ in arrays))


def _copied(target: str, x: Text) -> list[str]:
    """The line that makes the array to be written into; none if it is there already."""
    if target == x.code:
        return []
    fresh = x.precedence < ATOM  # an expression makes a new array
    return [f"{target} = {x.code if fresh else x.code + '.copy()'}"]


def _update(symbol: str, ufunc: str) -> Callable[..., list[str]]:
    """`t[key] = value` or `t[key] -= value`, or `np.subtract.at` where a place may come twice."""

    def statements(target: str, args: Sequence[Text], params: Mapping[str, str]) -> list[str]:
        x, value, *arrays = args
        write = f"{target}[{key_text(arrays, params)}] {symbol} {value.code}"
        if "once" in params:
            write = f"{ufunc}.at({target}, {_key_argument(arrays, params)}, {value.code})"
        return [*_copied(target, x), write]

    return statements


_UPDATES = [
    call(normal(3, 4), fixed(1.0), key=(slice(None), 1)),
    call(normal(3, 4), normal(), key=(1,)),
    call(normal(3, 4), normal(4), key=(slice(0, 2),)),
    call(normal(3, 4), normal(3), _rows, _repeated, key=(Slot(0), Slot(1))),
    call(normal(3, 4), normal(2, 4), fixed(np.array([2, 0])), key=(Slot(0),)),
]


@recordable
def add_at(x: Any, value: Any, *arrays: Any, key: Any, once: bool = True) -> Any:
    """A copy of x with `value` added at `key`; if not `once`, it may name a place repeatedly."""
    result = np.array(x)
    np.add.at(result, filled(key, arrays), value)
    return result


@op(
    add_at,
    chosen="{0} + {1} if {here} else {0}",
    updates=True,
    sizes=lambda book, x, value, *arrays, key, once=True: x.sizes,
    statements=_update("+=", "np.add"),
    samples=[*_UPDATES, call(normal(3, 4), normal(3, 4), _repeated, key=(Slot(0),), once=False)],
)
def add_at_(g: Any, out: Any, x: Any, value: Any, *arrays: Any, key: Any, once: bool = True) -> Any:
    """x with a value added at a key: x gets the gradient, the value what is there."""
    d_value = None if type(value) in (int, float) else getitem_of(g, arrays, key)
    return (g, d_value, *(None for _ in arrays))


@recordable
def subtract_at(x: Any, value: Any, *arrays: Any, key: Any, once: bool = True) -> Any:
    """A copy of x with `value` subtracted at `key`; if not `once`, places may be repeated."""
    result = np.array(x)
    np.subtract.at(result, filled(key, arrays), value)
    return result


@op(
    subtract_at,
    chosen="{0} - {1} if {here} else {0}",
    updates=True,
    sizes=lambda book, x, value, *arrays, key, once=True: x.sizes,
    statements=_update("-=", "np.subtract"),
    samples=[*_UPDATES, call(normal(3, 4), normal(3, 4), _repeated, key=(Slot(0),), once=False)],
)
def subtract_at_(
    g: Any, out: Any, x: Any, value: Any, *arrays: Any, key: Any, once: bool = True
) -> Any:
    """x with a value subtracted at a key: x gets the gradient, the value its negative there."""
    d_value = None if type(value) in (int, float) else -getitem_of(g, arrays, key)
    return (g, d_value, *(None for _ in arrays))


@recordable
def set_at(x: Any, value: Any, *arrays: Any, key: Any) -> Any:
    """A copy of x with `value` written at `key`; of several for one place the last one stays."""
    result = np.array(x)
    result[filled(key, arrays)] = value
    return result


def _decided_by_mask(operands: Sequence[Any]) -> bool:
    """Whether an array is written at a mask: its length must be the number of places."""
    return getattr(operands[1], "shape", ()) != () and any(is_mask(o) for o in operands[2:])


@op(
    set_at,
    chosen="{1} if {here} else {0}",
    updates=True,
    lazy="number",
    takes_masks=True,
    by_values=_decided_by_mask,
    sizes=lambda book, x, value, *arrays, key: x.sizes,
    statements=_update("=", "np.put"),
    samples=[
        *_UPDATES,
        call(normal(3, 4), normal(3, 4), _repeated, key=(Slot(0),)),
        call(normal(3, 4), normal(), booleans(3, 4), key=(Slot(0),)),
        call(normal(3, 4), normal(4), booleans(3), key=(Slot(0),)),
    ],
)
def set_at_(g: Any, out: Any, x: Any, value: Any, *arrays: Any, key: Any) -> Any:
    """x with a value written at a key: there the gradient goes to the value, elsewhere to x."""
    whole = g if np.ndim(g) or not np.ndim(out) else np.full_like(out, g)
    d_value = None
    if type(value) not in (int, float):
        d_value, once = getitem_of(whole, arrays, key), surely_once(arrays, key)
        if not once:
            d_value = d_value * last_at(x, *arrays, key=key)
        elif whole is not g and plain(np.shape(d_value)) == plain(np.shape(value)):
            d_value = g  # the same number at every place
    return (set_at(whole, 0, *arrays, key=key), d_value, *(None for _ in arrays))


@recordable
def last_at(x: Any, *arrays: Any, key: Any) -> Any:
    """For each element of x[key], whether it is the last one of its place."""
    order = np.zeros(np.shape(x), dtype=int)
    place = filled(key, arrays)
    order[place] = np.arange(order[place].size).reshape(order[place].shape)
    return order[place] == np.arange(order[place].size).reshape(order[place].shape)


def _statements_last(target: str, args: Sequence[Text], params: Mapping[str, str]) -> list[str]:
    x, *arrays = args
    key = key_text(arrays, params)
    return [
        f"{target} = np.zeros(np.shape({x.code}), dtype=int)",
        f"{target}[{key}] = np.arange({target}[{key}].size).reshape({target}[{key}].shape)",
        f"{target} = {target}[{key}] == "
        f"np.arange({target}[{key}].size).reshape({target}[{key}].shape)",
    ]


@op(
    last_at,
    like=True,
    derivative="zero",
    sizes=lambda book, x, *arrays, key: index_sizes(book, x, *arrays, key=key),
    statements=_statements_last,
    letter="last",
    samples=[call(normal(3, 4), _repeated, key=(Slot(0),))],
)
def last_at_(x: Any, *arrays: Any, key: Any) -> Any:
    """Of the writes at a key, which ones stay: whole numbers decide, so its gradient is zero."""


def written_at(x: Any, value: Any, arrays: Sequence[Any], key: Any) -> Any:
    """What x is after `x[key] = value`, in x's dtype."""
    mask = arrays[0] if len(arrays) == 1 and len(key) == 1 and is_mask(arrays[0]) else None
    if mask is not None and type(x) is Symbol and type(value) is Symbol and value.ndim == 1:
        whole = on_all_of(x, value.value, mask)
        value = value if whole is None else whole
        if whole is not None and whole.dtype == x.dtype:
            return np.where(mask, whole, x)
    if mask is None or np.ndim(value) > 0:
        return set_at(x, value, *arrays, key=key)
    mask = np.reshape(mask, (*np.shape(mask), *(1,) * (np.ndim(x) - np.ndim(mask))))
    result = np.where(mask, value, x)
    return result if result.dtype == x.dtype else result.astype(x.dtype)


def _writes_at(change: Callable[..., Any]) -> Callable[..., None]:
    def at(x: Any, indices: Any, value: Any) -> None:
        from retrograd.ops.keys import index_key

        keys, arrays = index_key(indices, x)
        once = surely_once(arrays, keys)
        x.write(change(x, value, *arrays, key=keys, once=once).value)

    return at


composed((np.add, "at"))(_writes_at(add_at))
composed((np.subtract, "at"))(_writes_at(subtract_at))


@composed(np.copyto)
def copyto(dst: Any, src: Any, casting: str = "same_kind", where: Any = True) -> None:
    """dst[...] = src, where a condition holds."""
    dst[...] = src if where is True else np.where(where, src, dst)


@composed(np.fill_diagonal)
def fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    """a[i, i] = val."""
    if wrap:
        raise refused("np.fill_diagonal(wrap=True)")
    places = constant(np.arange(min(int(n) for n in np.shape(a))))
    a[(places,) * np.ndim(a)] = val


@composed(np.put_along_axis)
def put_along_axis(arr: Any, indices: Any, values: Any, axis: int) -> None:
    """Each row's own places along an axis."""
    axis %= np.ndim(arr)
    shape = [int(n) for n in np.shape(arr)]
    shape[axis] = int(np.shape(indices)[axis])
    grid = [constant(g) for g in np.ogrid[tuple(slice(n) for n in shape)]]
    arr[tuple(indices if i == axis else grid[i] for i in range(len(shape)))] = values


@composed(np.putmask, np.place)
def putmask(a: Any, mask: Any, values: Any) -> None:
    """a[mask] = value."""
    if np.ndim(values) and plain(np.size(values)) != 1:
        raise refused("np.putmask with several values")
    a[mask] = np.reshape(values, ()) if np.ndim(values) else values
