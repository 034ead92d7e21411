"""The errors about labels that are used as an index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from retrograd.errors import LabelError, NoColumnError, RetrogradError
from retrograd.ops.messages import Known
from retrograd.report import Position

if TYPE_CHECKING:
    from retrograd.ops.table import Op


def label_without_column(
    op: Op, operands: Sequence[Known], arrays: Sequence[Any], where: Position | None
) -> RetrogradError | None:
    """RG202, for `p[np.arange(N), y]` with a label that has no column; None for anything else."""
    if op.name != "index" or len(arrays) != 3 or len(operands[0].shape) != 2:
        return None
    rows, labels = arrays[1:]
    if np.ndim(labels) != 1 or not np.array_equal(rows, np.arange(len(labels))):
        return None
    classes = operands[0].shape[1]
    low, high = int(labels.min()), int(labels.max())
    if len(labels) > operands[0].shape[0] or (low >= -classes and high < classes):
        return None
    bad = high if high >= classes else low
    name = operands[2].name or "the labels"
    shifted = low == 1 and high == classes
    return NoColumnError(
        "RG202",
        f"label {bad} has no column: {classes} classes are numbered 0 to {classes - 1}",
        where=where,
        notes=(
            f"{name} has values from {low} to {high}; {bad} first at "
            f"{name}[{int(np.argmax(labels == bad))}]",
            *((f"the smallest label of {name} is 1: they count from 1",) if shifted else ()),
        ),
        help=f"{name} - 1 has values from 0 to {classes - 1}" if shifted else "",
    )


def one_hot_index(
    name: str | None, shape: tuple[int, ...], where: Position | None
) -> RetrogradError:
    """RG201: one-hot labels where class numbers are needed."""
    name = name or "y"
    what = "would give a square array" if shape[0] == shape[1] else "would stop"
    return LabelError(
        "RG201",
        f"{name} is one-hot {shape} and is used as class numbers",
        where=where,
        notes=(f"{shape} of 0s and 1s, each row sums to 1; as an index it {what} in NumPy",),
        help=f"{name}.argmax(axis=1) gives the {shape[0]} class numbers (tried); or keep one-hot: "
        f"({name} * log_p).sum(axis=1)",
    )
