"""How a loop over rows reads an array: as rows, as a row, a number for each row, or one number."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import numpy as np

from retrograd.program import Constant, Operand, Step, Value

Access = Literal["full", "column", "row", "one"]
Space = tuple[tuple[int, ...], int]


def access(
    shape: tuple[int, ...], lead: tuple[int, ...], columns: int, numbers: bool
) -> Access | None:
    """How an array of a shape is read where rows of `(*lead, columns)` are made.

    Args:
        shape: its shape.
        lead: the loop's shape without the last axis.
        columns: the length of a row; 0 where there are only numbers for each row.
        numbers: whether an array of shape `lead` holds a number for each row.

    Returns:
        None, where it is read in none of these ways.
    """
    if math.prod(shape) == 1:
        return "one"
    if numbers and shape == lead:
        return "row"
    if shape == (*lead, 1) or (not columns and shape == lead):
        return "row"
    if columns and shape == (*lead, columns):
        return "full"
    if columns and shape[-1] == columns and all(n == 1 for n in shape[:-1]):
        return "column"
    return None


def row_spaces(step: Step, counts: Mapping[Value, int]) -> list[Space]:
    """The rows that a step may go through, and their length; none for what is no loop.

    An array of one axis may be numbers of the rows of a loop, or one row.
    """
    name = step.op.name
    if is_pick(step):
        picked = _picked(step, counts)
        return [picked] if picked is not None else []
    source = step.inputs[0] if step.inputs else None
    if name in ("sum", "mean", "max", "min"):
        if not isinstance(source, Value) or not source.shape or source.dtype.kind != "f":
            return []
        shape = source.shape
        if not _is_plain(step, source):
            return []
    else:
        shape = step.output.shape
        if not is_entrywise(step) or step.output.dtype.kind not in "fb" or not shape:
            return []
    return [(shape, 0), _split(shape)] if len(shape) == 1 else [_split(shape)]


def is_entrywise(step: Step) -> bool:
    """Whether each entry of the result is made of single entries."""
    own = step.op
    return bool(own.loop) or (own.elementwise and own.loop is None and not own.imports)


def _split(shape: tuple[int, ...]) -> Space:
    """The lead and the columns; of (N, 1), numbers for each row."""
    if len(shape) > 1 and shape[-1] == 1:
        return shape[:-1], 0
    return shape[:-1], shape[-1]


def _is_plain(step: Step, source: Value) -> bool:
    """Whether a reduction takes all axes, the last one, or all but the last one."""
    axis, rank = step.params.get("axis"), len(source.shape)
    if set(step.params) - {"axis", "keepdims"}:
        return False
    axes = range(rank) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    found = sorted(a % rank for a in axes)
    if step.op.name in ("max", "min"):
        return found == [rank - 1] and rank > 1
    return found in ([rank - 1], list(range(rank)), list(range(rank - 1)))


def is_pick(step: Step) -> bool:
    """Whether a step reads or writes one entry of each row, by labels: x[np.arange(N), y]."""
    return step.op.name == "index" or step.op.chosen is not None


def is_counting(operand: Operand, length: int, counts: Mapping[Value, int]) -> bool:
    """Whether an operand is 0, 1, 2, ... up to a length."""
    if isinstance(operand, Value):
        return counts.get(operand) == length
    known = np.asarray(operand.value if isinstance(operand, Constant) else 0)
    return known.ndim == 1 and np.array_equal(known, np.arange(length))


def _picked(step: Step, counts: Mapping[Value, int]) -> Space | None:
    """x[np.arange(N), y], to read or to write."""
    source = step.inputs[0]
    if not isinstance(source, Value) or len(source.shape) != 2 or source.dtype.kind != "f":
        return None
    numbers = step.inputs[1:] if step.op.name == "index" else step.inputs[2:]
    if len(numbers) != 2 or str(step.params.get("key")) != "({0}, {1})":
        return None
    rows, labels = numbers
    length = source.shape[0]
    if not is_counting(rows, length, counts) or not isinstance(labels, Value):
        return None
    if labels.shape != (length,) or labels.dtype.kind not in "iu":
        return None
    return source.shape[:-1], source.shape[-1]
