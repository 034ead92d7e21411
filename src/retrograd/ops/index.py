"""Indexing: x[key]."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from retrograd.ops.keys import Slot, filled, index_sizes, is_mask, key_text
from retrograd.ops.samples import call, fixed, normal
from retrograd.ops.spelling import Text
from retrograd.ops.symbol import getitem
from retrograd.ops.table import op
from retrograd.ops.write import scatter, written_at


def _spell_index(args: Sequence[Text], params: Mapping[str, str]) -> Text:
    return Text(f"{args[0].array}[{key_text(args[1:], params)}]")


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
    run=lambda x, *arrays, key: x[filled(key, arrays)],
    lazy="number",
    view=True,
    undo=lambda new, base, *arrays, key: written_at(base, new, arrays, key),
    takes_masks=True,
    by_values=lambda operands: any(is_mask(o) for o in operands[1:]),
    sizes=index_sizes,
    spell=_spell_index,
    samples=_SAMPLES,
)
def index(g: Any, out: Any, x: Any, *arrays: Any, key: Any) -> Any:
    """x[key]: the gradient goes back to the places it was taken from; one taken twice gets both."""
    return (scatter(x, g, *arrays, key=key), *(None for _ in arrays))
