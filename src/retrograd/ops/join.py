"""Joining arrays: concatenate and stack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from retrograd.ops.samples import call, normal
from retrograd.ops.spelling import Text
from retrograd.ops.table import Sized, op
from retrograd.program import Expression


def _spread_list(arrays: list[Any], params: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    return list(arrays[0]), params


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
