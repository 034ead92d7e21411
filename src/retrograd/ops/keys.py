"""Keys: what stands between the brackets of `x[...]`, with slots for the arrays in it."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from retrograd.ops import messages
from retrograd.ops.label_messages import one_hot_index
from retrograd.ops.spelling import Text
from retrograd.ops.symbol import Symbol, nested
from retrograd.ops.table import Sized
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
        DtypeError: RG201, an index that holds no whole numbers.
        DifferentiationError: RG405, a truth value as an index.
    """
    recorder = x._active
    arrays: list[Any] = []
    keys: list[Any] = []
    for item in key if type(key) is tuple else (key,):
        if type(item) is Symbol and item.value in item.recorder.fixed and item.ndim == 0:
            item = int(item)
        if _is_symbol(item) or isinstance(item, list | range | np.ndarray):
            listed = isinstance(item, list | range)
            array: Any = nested(list(item)) if listed else item
            if array.dtype.kind not in "iub":
                if np.size(array):
                    raise recorder.failed(messages.index_dtype(array.dtype, recorder.position()))
                array = array.astype(int)
            keys.append(Slot(len(arrays)))
            constant = listed and not _is_symbol(array)
            arrays.append(Constant(array) if constant else array)
        elif type(item) in (bool, np.bool_):
            raise recorder.failed(
                messages.values_decide_shape("indexing with a truth value", recorder.position())
            )
        elif isinstance(item, np.integer):
            keys.append(int(item))
        elif type(item) is slice:
            keys.append(slice(*map(_bound, (item.start, item.stop, item.step))))
        else:
            keys.append(item)
    return tuple(keys), arrays


def check_labels(x: Symbol, keys: Sequence[Any], arrays: Sequence[Any]) -> None:
    """In `p[np.arange(N), y]` y holds class numbers, not one-hot rows.

    Raises:
        LabelError: RG201, it does.
    """
    recorder = x._active
    if len(arrays) != 2 or len(keys) != 2 or type(arrays[1]) is not Symbol:
        return
    labels = arrays[1]
    if labels.recorder is not recorder or labels.value.shape != x.value.shape or labels.ndim != 2:
        return
    found = recorder.data[labels.value]
    if found.size and np.isin(found, (0, 1)).all() and (found.sum(axis=1) == 1).all():
        name = recorder.names.get(labels.value)
        raise recorder.failed(one_hot_index(name, found.shape, recorder.position()))


def rows_meet(x: Symbol, keys: Sequence[Any], arrays: Sequence[Any]) -> None:
    """In `p[np.arange(len(y)), y]` there are as many labels as rows: the program holds for that."""
    recorder = x._active
    if Ellipsis in keys or None in keys or x.recorder is not recorder:
        return
    for axis, k in enumerate(keys):
        array = arrays[k.index] if isinstance(k, Slot) else None
        made = recorder.producers.get(array.value) if type(array) is Symbol else None
        if made is None or made.op.name != "arange" or set(made.params) != {"stop"}:
            continue
        stop, n = made.params["stop"], x.value.shape[axis]
        if type(stop) is Size and stop.value == n:
            recorder.sizes.same(x.value.sizes[axis], stop.expression)


def _bound(end: Any) -> Any:
    """The end of a slice as a plain number or a size."""
    return end if end is None or type(end) in (int, Size) else operator.index(end)


def _is_symbol(thing: Any) -> bool:
    return type(thing) is Symbol


def is_view(keys: Sequence[Any]) -> bool:
    """Whether NumPy answers such a key with a view: it has no arrays in it."""
    return not any(isinstance(k, Slot) for k in keys)


def filled(keys: Sequence[Any], arrays: Sequence[Any]) -> Any:
    """The key that NumPy takes."""
    filled = tuple(arrays[k.index] if isinstance(k, Slot) else plain(k) for k in keys)
    return filled[0] if len(filled) == 1 else filled


def key_text(arrays: Sequence[Text], params: Mapping[str, str]) -> str:
    """The key between the brackets."""
    inside = params["key"][1:-1] or "()"
    if inside.endswith(",") and inside.count(",") == 1:
        inside = inside[:-1]
    return inside.format(*(a.code for a in arrays))


def surely_once(arrays: Sequence[Any], key: Any) -> bool:
    """Whether no place is named twice, for certain: one place, or an arange in the key."""
    arrays = [a.value if isinstance(a, Constant) else a for a in arrays]
    if is_view(key) or all(np.ndim(a) == 0 for a in arrays):
        return True
    if any(getattr(a, "dtype", None) == np.bool_ for a in arrays):
        return len(arrays) == 1
    if all(type(a) is np.ndarray for a in arrays):  # constants: NumPy says which places they name
        return _distinct(arrays, key)
    return any(
        type(a) is Symbol
        and np.ndim(a) == max(np.ndim(b) for b in arrays) == 1
        and (step := a.recorder.producers.get(a.value)) is not None
        and step.op.name == "arange"
        and not step.params.keys() & {"start", "step"}  # a negative one comes around again
        for a in arrays
    )


def _distinct(arrays: Sequence[Any], key: Any) -> bool:
    places = np.broadcast_arrays(*arrays)
    rows = np.stack([p.reshape(-1) for p in places], axis=1)
    return len(np.unique(rows, axis=0)) == len(rows) and bool((rows >= 0).all())


def is_mask(operand: Any) -> bool:
    """Whether an operand is an array of booleans."""
    return getattr(operand, "dtype", None) == np.bool_


def getitem_of(g: Any, arrays: Sequence[Any], key: Any) -> Any:
    """g[key]."""
    return g[filled_symbols(key, arrays)]


def filled_symbols(keys: Sequence[Any], arrays: Sequence[Any]) -> Any:
    """The key with its arrays, which may be symbols."""
    return tuple(arrays[k.index] if isinstance(k, Slot) else k for k in keys)


def _slice_size(book: Any, n: int, size: Expression, key: slice) -> Expression:
    """How many elements a slice takes, in terms of the axis's size where that can be said."""
    length = len(range(*plain(key).indices(n)))
    if key.start is None and key.stop is None and type(key.step) is int:
        whole_size = Size(n, size)
        return expression_of((whole_size + (abs(key.step) - 1)) // abs(key.step))
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


def index_sizes(
    book: Any, x: Sized, *arrays: Sized, key: Sequence[Any]
) -> Sequence[Expression] | None:
    """The sizes of x[key]; None where the values of a mask decide them."""
    taken = sum(1 for k in key if k is not None and k is not Ellipsis)
    fill = [slice(None)] * (len(x.shape) - taken)
    at = next((i for i, k in enumerate(key) if k is Ellipsis), len(key))
    full = [*key[:at], *fill, *key[at + 1 :]]
    if any(a.dtype == np.bool_ for a in arrays):  # how many elements it takes is for its values
        return None
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


def disjoint(one: Any, other: Any, sizes: Sequence[Expression]) -> bool:
    """Whether two keys of an array name no place in common, for certain and for any size."""
    for a, b, size in zip(one, other, sizes, strict=False):
        if a is None or b is None or a is Ellipsis or b is Ellipsis:
            return False
        a, b = _from_front(a, size), _from_front(b, size)
        if _apart(a, b) or _apart(b, a):
            return True
    return False


def _from_front(key: Any, size: Expression) -> Any:
    """A place counted from the end, counted from the front where the size is a fixed number."""
    n = size.constant
    return key + int(n) if type(key) is int and key < 0 and n is not None else key


def _apart(a: Any, b: Any) -> bool:
    """Whether b is behind a."""
    end, start = _end(a), _start(b)
    if end is None or start is None:
        return False
    if type(end) is int and type(start) is int:
        return start >= end
    difference = (expression_of(start) + -expression_of(end)).constant
    return difference is not None and difference >= 0


def _end(key: Any) -> Any:
    """The place behind the last one that a key names; None if it is not known."""
    if type(key) in (int, Size):
        return key + 1 if _counts_from_front(key) else None
    if type(key) is slice and key.step in (None, 1):
        return key.stop if _counts_from_front(key.stop) else None
    return None


def _start(key: Any) -> Any:
    """The first place that a key names; None if it is not known."""
    if type(key) in (int, Size):
        return key if _counts_from_front(key) else None
    if type(key) is slice and key.step in (None, 1):
        start = 0 if key.start is None else key.start
        return start if _counts_from_front(start) else None
    return None


def _counts_from_front(place: Any) -> bool:
    """Whether a number counts from the front, for every size."""
    if type(place) is Size:
        return place.expression.atom is not None
    return type(place) is int and place >= 0
