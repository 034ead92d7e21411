"""Where something holds: nonzero, one-argument where, argwhere, flatnonzero, unique.

Their shapes depend on the values, so a function that uses them is recorded at every call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from retrograd.ops.dispatch import recordable
from retrograd.ops.samples import booleans, call, fixed
from retrograd.ops.spelling import Text
from retrograd.ops.table import composed, op


@recordable
def places_along(x: Any, axis: int) -> Any:
    """The places of what is not zero, along one axis."""
    return np.nonzero(x)[axis]


def _spell(args: Sequence[Text], params: Mapping[str, str]) -> Text:
    return Text(f"np.nonzero({args[0].code})[{params['axis']}]")


@op(
    places_along,
    run=lambda x, axis: np.nonzero(x)[axis],
    derivative="zero",
    by_values=True,
    spell=_spell,
    letter="rows",
    samples=[call(booleans(3, 4), axis=1)],
)
def places_along_(x: Any, *, axis: int) -> Any:
    """The places of what is not zero: whole numbers, so its gradient is zero."""


@composed(np.nonzero)
def nonzero(a: Any) -> Any:
    """The places of what is not zero, for each axis."""
    return tuple(places_along(a, axis=axis) for axis in range(np.ndim(a)))


@composed(np.flatnonzero)
def flatnonzero(a: Any) -> Any:
    """The places of what is not zero, all elements counted in one row."""
    return places_along(np.reshape(a, (-1,)), axis=0)


@composed(np.argwhere)
def argwhere(a: Any) -> Any:
    """The places of what is not zero, one in each row."""
    return np.stack(nonzero(a), axis=1)


@op(
    np.unique,
    derivative="none",
    by_values=True,
    samples=[call(fixed(np.array([1, 2, 1])))],
)
def unique(x: Any) -> Any:
    """The different values in order: which ones they are jumps."""


@composed(np.unravel_index)
def unravel_index(indices: Any, shape: Any, order: str = "C") -> Any:
    """The places along each axis of elements that are counted in one row."""
    sizes = (shape,) if np.ndim(shape) == 0 else tuple(shape)
    places, rest = [], indices
    for n in sizes[:0:-1] if order == "C" else sizes[:-1]:
        places.append(rest % n)
        rest = rest // n
    places.append(rest)
    return tuple(places[::-1] if order == "C" else places)
