"""Joining arrays and taking them apart: concatenate, stack, split and their like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from retrograd.ops.made import constant
from retrograd.ops.samples import call, normal
from retrograd.ops.spelling import Text
from retrograd.ops.symbol import nested
from retrograd.ops.table import Sized, composed, op, since
from retrograd.program import Expression


def _spread_list(arrays: list[Any], params: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """np.concatenate([a, b]); what is no array yet is one of numbers that stand in the code."""
    items = [constant(nested(a)) if isinstance(a, list | tuple) else a for a in arrays[0]]
    if "axis" in params and params["axis"] is None:
        return [np.reshape(a, (-1,)) for a in items], {**params, "axis": 0}
    return items, params


def _joined(book: Any, *arrays: Sized, axis: int = 0) -> Sequence[Expression]:
    rank = len(arrays[0].shape)
    result = []
    for i in range(rank):
        size = arrays[0].sizes[i]
        for other in arrays[1:]:
            along = i == axis % rank
            size = size + other.sizes[i] if along else book.same(size, other.sizes[i])
        result.append(size)
    return result


def _stacked(book: Any, *arrays: Sized, axis: int = 0) -> Sequence[Expression]:
    sizes = list(arrays[0].sizes)
    for other in arrays[1:]:
        sizes = [book.same(a, b) for a, b in zip(sizes, other.sizes, strict=True)]
    sizes.insert(axis % (len(sizes) + 1), Expression.of(len(arrays)))
    return sizes


def _spell_list(name: str) -> Any:
    def spell(args: Sequence[Text], params: Mapping[str, str]) -> Text:
        rest = "".join(f", {k}={v}" for k, v in params.items())
        return Text(f"np.{name}([{', '.join(a.code for a in args)}]{rest})")

    return spell


@op(
    np.concatenate,
    run=lambda *arrays, axis=0: np.concatenate(arrays, axis),
    prepare=_spread_list,
    sizes=_joined,
    spell=_spell_list("concatenate"),
    samples=[
        call(normal(3), normal(2)),
        call(normal(3, 4), normal(2, 4)),
        call(normal(3, 4), normal(3, 2), axis=1),
        call(normal(3, 4), normal(3, 2), normal(3, 1), axis=-1),
        call(normal(2, 3, 4), normal(2, 1, 4), axis=-2),
    ],
)
def concatenate(g: Any, out: Any, *arrays: Any, axis: int = 0) -> Any:
    """Arrays one after the other: each gets its own stretch of the gradient."""
    before = (slice(None),) * (axis % np.ndim(out))
    gradients = []
    start: Any = 0
    for array in arrays:
        stop = start + np.shape(array)[axis]
        gradients.append(g[(*before, slice(start, stop))])
        start = stop
    return tuple(gradients)


@op(
    np.stack,
    run=lambda *arrays, axis=0: np.stack(arrays, axis),
    prepare=_spread_list,
    sizes=_stacked,
    spell=_spell_list("stack"),
    samples=[
        call(normal(), normal()),
        call(normal(3), normal(3)),
        call(normal(3, 4), normal(3, 4), axis=1),
        call(normal(3, 4), normal(3, 4), axis=-1),
    ],
)
def stack(g: Any, out: Any, *arrays: Any, axis: int = 0) -> Any:
    """Arrays along a new axis: each gets its own slice of the gradient."""
    before = (slice(None),) * (axis % np.ndim(out))
    return tuple(g[(*before, i)] for i in range(len(arrays)))


def _array(thing: Any) -> Any:
    """A number or a list as an array."""
    if type(thing) in (int, float):
        return constant(np.asarray(thing))
    return constant(nested(thing)) if isinstance(thing, list | tuple) else thing


@composed(np.vstack)
def vstack(tup: Any) -> Any:
    """Arrays below one another; one with one axis is a row."""
    arrays = [_array(a) for a in tup]
    return np.concatenate([a if np.ndim(a) > 1 else np.reshape(a, (1, -1)) for a in arrays])


@composed(np.hstack)
def hstack(tup: Any) -> Any:
    """Arrays beside one another; those with one axis end to end."""
    arrays = [a if np.ndim(a) else np.reshape(a, (1,)) for a in map(_array, tup)]
    return np.concatenate(arrays, axis=0 if np.ndim(arrays[0]) == 1 else 1)


@composed(np.column_stack)
def column_stack(tup: Any) -> Any:
    """Arrays beside one another; one with one axis is a column."""
    arrays = [_array(a) for a in tup]
    columns = [a if np.ndim(a) > 1 else np.reshape(a, (-1, 1)) for a in arrays]
    return np.concatenate(columns, axis=1)


@composed(np.dstack)
def dstack(tup: Any) -> Any:
    """Arrays behind one another, along the third axis."""
    arrays = []
    for a in tup:
        row = a if np.ndim(a) > 1 else np.reshape(a, (1, -1))
        arrays.append(row if np.ndim(row) > 2 else row[:, :, None])
    return np.concatenate(arrays, axis=2)


@composed(np.append)
def append(arr: Any, values: Any, axis: Any = None) -> Any:
    """Values after an array; without an axis all in one row."""
    if axis is None:
        parts = (constant(nested(arr)), constant(nested(values)))
        return np.concatenate([np.reshape(_array(a), (-1,)) for a in parts])
    return np.concatenate([arr, constant(nested(values))], axis=axis)


@composed(np.block)
def block(arrays: Any) -> Any:
    """Blocks: the innermost lists along the last axis, the next ones along the one before it."""

    def depth(thing: Any) -> int:
        return 1 + max(map(depth, thing)) if isinstance(thing, list) else 0

    def rank(thing: Any) -> int:
        return max(map(rank, thing)) if isinstance(thing, list) else np.ndim(thing)

    deepest = depth(arrays)
    axes = max(rank(arrays), deepest)

    def joined(thing: Any, level: int) -> Any:
        if not isinstance(thing, list):
            thing = constant(thing)
            return np.reshape(thing, (*(1,) * (axes - np.ndim(thing)), *np.shape(thing)))
        parts = [joined(item, level + 1) for item in thing]
        return np.concatenate(parts, axis=axes - deepest + level)

    return joined(arrays, 0)


def _parts(ary: Any, sections: Any, axis: int, equal: bool) -> list[Any]:
    n = int(np.shape(ary)[axis])
    if np.ndim(sections) == 1:
        ends = [int(s) for s in sections]
    else:
        count = int(sections)
        if equal and n % count:
            raise ValueError("array split does not result in an equal division")
        lengths = [n // count + (i < n % count) for i in range(count)]
        ends = [sum(lengths[: i + 1]) for i in range(count - 1)]
    before = (slice(None),) * (axis % np.ndim(ary))
    starts = [0, *ends]
    return [ary[(*before, slice(a, b))] for a, b in zip(starts, [*ends, n], strict=True)]


@composed(np.split)
def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    """Equal parts, or parts that end at given places."""
    return _parts(ary, indices_or_sections, axis, equal=True)


@composed(np.array_split)
def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    """Parts as equal as they can be."""
    return _parts(ary, indices_or_sections, axis, equal=False)


@composed(np.vsplit)
def vsplit(ary: Any, indices_or_sections: Any) -> Any:
    """Parts along the first axis."""
    if np.ndim(ary) < 2:
        raise ValueError("vsplit only works on arrays of 2 or more dimensions")
    return _parts(ary, indices_or_sections, 0, equal=True)


@composed(np.hsplit)
def hsplit(ary: Any, indices_or_sections: Any) -> Any:
    """Parts along the second axis, or the only one."""
    return _parts(ary, indices_or_sections, 0 if np.ndim(ary) == 1 else 1, equal=True)


@composed(np.dsplit)
def dsplit(ary: Any, indices_or_sections: Any) -> Any:
    """Parts along the third axis."""
    if np.ndim(ary) < 3:
        raise ValueError("dsplit only works on arrays of 3 or more dimensions")
    return _parts(ary, indices_or_sections, 2, equal=True)


@composed(*since(np, "unstack"))
def unstack(x: Any, axis: int = 0) -> Any:
    """Every slice along an axis."""
    before = (slice(None),) * (axis % np.ndim(x))
    return tuple(x[(*before, i)] for i in range(int(np.shape(x)[axis])))
