"""Indexing, and the writes at an index that are its gradient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from retrograd.ops import messages
from retrograd.ops.dispatch import recordable
from retrograd.ops.samples import call, fixed, normal
from retrograd.ops.spelling import ATOM, Text
from retrograd.ops.symbol import Symbol, getitem, nested
from retrograd.ops.table import Sized, op
from retrograd.program import Constant, Expression, Size, expression_of, plain


@dataclass(frozen=True)
class Slot:
    """Stands in a key for the operand with that number (the first after the indexed array is 0)."""

    index: int

    def __repr__(self) -> str:
        return f"{{{self.index}}}"


def index_key(key: Any, x: Symbol) -> tuple[tuple[Any, ...], list[Any]]:
    """A key as a tuple with slots for the arrays in it, and those arrays.

    Raises:
        DifferentiationError: RG405, a boolean mask: the result's shape would depend on its values.
    """
    items = key if type(key) is tuple else (key,)
    arrays: list[Any] = []
    keys: list[Any] = []
    for item in items:
        if type(item) is Symbol and item.value in item.recorder.fixed and item.ndim == 0:
            item = int(item)
        if _is_symbol(item) or isinstance(item, list | np.ndarray):
            array: Any = nested(item) if type(item) is list else item
            if array.dtype == np.bool_:
                recorder = x._active
                raise recorder.failed(
                    messages.values_decide_shape(
                        "indexing with a boolean mask", recorder.position()
                    )
                )
            if array.dtype.kind not in "iu":
                recorder = x._active
                raise recorder.failed(messages.index_dtype(array.dtype, recorder.position()))
            keys.append(Slot(len(arrays)))
            arrays.append(
                Constant(array) if type(item) is list and not _is_symbol(array) else array
            )
        elif type(item) in (bool, np.bool_):
            recorder = x._active
            raise recorder.failed(
                messages.values_decide_shape("indexing with a truth value", recorder.position())
            )
        elif isinstance(item, np.integer):
            keys.append(int(item))
        else:
            keys.append(item)
    return tuple(keys), arrays


def _is_symbol(thing: Any) -> bool:
    return type(thing) is Symbol


def is_view(keys: Sequence[Any]) -> bool:
    """Whether NumPy answers such a key with a view: it has no arrays in it."""
    return not any(isinstance(k, Slot) for k in keys)


def _filled(keys: Sequence[Any], arrays: Sequence[Any]) -> Any:
    """The key that NumPy takes."""
    filled = tuple(arrays[k.index] if isinstance(k, Slot) else plain(k) for k in keys)
    return filled[0] if len(filled) == 1 else filled


def _slice_size(book: Any, n: int, size: Expression, key: slice) -> Expression:
    """How many elements a slice takes, in terms of the axis's size where that can be said."""
    length = len(range(*plain(key).indices(n)))
    if plain(key.step) not in (None, 1):
        book.pin(Size(n, size))
        return Expression.of(length)
    whole = Size(n, size)

    def bound(end: Any, default: Any) -> Any:
        if end is None:
            return default
        if plain(end) < 0:
            return whole + end if bool(whole + end >= 0) else 0
        return end if bool(whole >= end) else whole

    start, stop = bound(key.start, 0), bound(key.stop, whole)
    if plain(start) == 0 and type(start) is int:
        return expression_of(stop)
    return expression_of(stop - start) if bool(stop >= start) else Expression.of(0)


def _index_sizes(book: Any, x: Sized, *arrays: Sized, key: Sequence[Any]) -> Sequence[Expression]:
    taken = sum(1 for k in key if k is not None and k is not Ellipsis)
    fill = [slice(None)] * (len(x.shape) - taken)
    at = next((i for i, k in enumerate(key) if k is Ellipsis), len(key))
    full = [*key[:at], *fill, *key[at + 1 :]]
    advanced = any(isinstance(k, Slot) for k in full)
    result: list[Expression] = []
    groups: list[int] = []  # positions in `full` of arrays, and of numbers beside them
    insert = 0
    axis = 0
    for position, k in enumerate(full):
        if k is None:
            result.append(Expression.of(1))
            continue
        if isinstance(k, slice):
            result.append(_slice_size(book, x.shape[axis], x.sizes[axis], k))
        elif isinstance(k, Slot) or advanced:
            if not groups:
                insert = len(result)
            groups.append(position)
        axis += 1
    if groups:
        broadcast = list(book.broadcast(*((a.shape, a.sizes) for a in arrays)))
        if groups[-1] - groups[0] + 1 != len(groups):
            insert = 0  # arrays apart from one another: NumPy puts their axes first
        result[insert:insert] = broadcast
    return result


def _spell_index(args: Sequence[Text], params: Mapping[str, str]) -> Text:
    return Text(f"{args[0].array}[{key_text(args[1:], params)}]")


def key_text(arrays: Sequence[Text], params: Mapping[str, str]) -> str:
    """The key between the brackets."""
    inside = params["key"][1:-1] or "()"
    if inside.endswith(",") and inside.count(",") == 1:
        inside = inside[:-1]
    return inside.format(*(a.code for a in arrays))


_rows = fixed(np.array([0, 2, 1]))
_repeated = fixed(np.array([0, 2, 2]))

_SAMPLES = [
    call(normal(3), key=(0,)),
    call(normal(3, 4), key=(-1,)),
    call(normal(3, 4), key=(slice(1, None), 2)),
    call(normal(3, 4), key=(slice(None, None, 2), None, slice(None, -1))),
    call(normal(2, 3, 4), key=(Ellipsis, 1)),
    call(normal(3, 4), _rows, key=(Slot(0),)),
    call(normal(3, 4), _repeated, key=(Slot(0),)),
    call(normal(3, 4), _rows, _repeated, key=(Slot(0), Slot(1))),
    call(normal(3, 4), fixed(np.array([[0, 1], [1, 1]])), key=(slice(None), Slot(0))),
    call(
        normal(2, 3, 4),
        fixed(np.array([0, 1])),
        fixed(np.array([1, 1])),
        key=(Slot(0), slice(None), Slot(1)),
    ),
    call(normal(), key=(None,)),
]


@op(
    getitem,
    run=lambda x, *arrays, key: x[_filled(key, arrays)],
    lazy="number",
    view=True,
    sizes=_index_sizes,
    spell=_spell_index,
    samples=_SAMPLES,
)
def index(g: Any, out: Any, x: Any, *arrays: Any, key: Any) -> Any:
    """x[key]: the gradient goes back to the places it was taken from; one taken twice gets both."""
    return (scatter(x, g, *arrays, key=key), *(None for _ in arrays))


def _rows_once(arrays: Sequence[Any], key: Any) -> bool:
    """Whether no place is named twice, for certain: one place, or an arange in the key."""
    if is_view(key) or all(np.ndim(a) == 0 for a in arrays):
        return True
    return any(
        type(a) is Symbol
        and np.ndim(a) == max(np.ndim(b) for b in arrays) == 1
        and (step := a.recorder.producers.get(a.value)) is not None
        and step.op.name == "arange"
        and not step.params.keys() & {"start", "step"}  # a negative one comes around again
        for a in arrays
    )


def scatter(x: Any, g: Any, *arrays: Any, key: Any) -> Any:
    """Zeros of x's shape with g added at `key`."""
    write = scatter_set if _rows_once(arrays, key) else scatter_add
    return write(x, g, *arrays, key=key)


def _like(x: Any, g: Any) -> Any:
    return np.zeros_like(x, dtype=g.dtype if isinstance(g, np.ndarray | np.generic) else None)


@recordable
def scatter_set(x: Any, g: Any, *arrays: Any, key: Any) -> Any:
    """Zeros of x's shape with g written at `key`, which names each place once."""
    result = _like(x, g)
    result[_filled(key, arrays)] = g
    return result


@recordable
def scatter_add(x: Any, g: Any, *arrays: Any, key: Any) -> Any:
    """Zeros of x's shape with g added at `key`, which may name a place more than once."""
    result = _like(x, g)
    np.add.at(result, _filled(key, arrays), g)
    return result


def _statements_set(target: str, args: Sequence[Text], params: Mapping[str, str]) -> list[str]:
    x, g, *arrays = args
    return [
        f"{target} = np.zeros_like({x.code})",
        f"{target}[{key_text(arrays, params)}] = {g.code}",
    ]


def _statements_add(target: str, args: Sequence[Text], params: Mapping[str, str]) -> list[str]:
    x, g, *arrays = args
    key = key_text(arrays, params)
    if ":" in key or "..." in key:
        key = f"np.s_[{key}]"
    elif "," in key:
        key = f"({key})"
    return [f"{target} = np.zeros_like({x.code})", f"np.add.at({target}, {key}, {g.code})"]


@op(
    scatter_set,
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
    sizes=lambda book, x, g, *arrays, key: x.sizes,
    statements=_statements_add,
    samples=[call(normal(3, 4), normal(3, 4), _repeated, key=(Slot(0),))],
)
def scatter_add_(g: Any, out: Any, x: Any, value: Any, *arrays: Any, key: Any) -> Any:
    """Zeros with a value added at a key: the value's gradient is read there."""
    return (None, getitem_of(g, arrays, key), *(None for _ in arrays))


def getitem_of(g: Any, arrays: Sequence[Any], key: Any) -> Any:
    """g[key]."""
    return g[_filled_symbols(key, arrays)]


def _filled_symbols(keys: Sequence[Any], arrays: Sequence[Any]) -> Any:
    return tuple(arrays[k.index] if isinstance(k, Slot) else k for k in keys)


@recordable
def subtract_at(x: Any, value: Any, *arrays: Any, key: Any) -> Any:
    """A copy of x with `value` subtracted at `key`, which names each place once."""
    result = np.array(x)
    result[_filled(key, arrays)] -= value
    return result


def _statements_subtract(target: str, args: Sequence[Text], params: Mapping[str, str]) -> list[str]:
    x, value, *arrays = args
    fresh = x.precedence < ATOM  # an expression makes a new array
    return [
        f"{target} = {x.code if fresh else x.code + '.copy()'}",
        f"{target}[{key_text(arrays, params)}] -= {value.code}",
    ]


@op(
    subtract_at,
    sizes=lambda book, x, value, *arrays, key: x.sizes,
    statements=_statements_subtract,
    samples=[
        call(normal(3, 4), fixed(1.0), key=(slice(None), 1)),
        call(normal(3, 4), normal(3), _rows, _repeated, key=(Slot(0), Slot(1))),
    ],
)
def subtract_at_(g: Any, out: Any, x: Any, value: Any, *arrays: Any, key: Any) -> Any:
    """x with a value subtracted at a key: x gets the gradient, the value its negative there."""
    d_value = None if type(value) in (int, float) else -getitem_of(g, arrays, key)
    return (g, d_value, *(None for _ in arrays))
