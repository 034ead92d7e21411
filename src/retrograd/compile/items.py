"""What a plan is made of: loops over rows, matrix products, numbers, and lines of NumPy."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from retrograd.program import Program, Step, Value

PRODUCTS = ("matmul", "dot")
REDUCTIONS = ("sum", "mean", "max", "min")


@dataclass(frozen=True)
class Matrix:
    """An operand of a matrix product: a stored array, maybe taken transposed."""

    value: Value
    transposed: bool = False


@dataclass(frozen=True, eq=False)
class Gemm:
    """out = left @ right, of two matrices, or of a matrix and a vector."""

    out: Value
    left: Matrix
    right: Matrix
    step: Step


@dataclass(frozen=True, eq=False)
class Turn:
    """out = source.T, where loops read it."""

    out: Value
    source: Value
    step: Step


@dataclass(frozen=True, eq=False)
class Scalar:
    """An operation on numbers."""

    step: Step


@dataclass(frozen=True, eq=False)
class Check:
    """Labels that must be classes."""

    step: Step


@dataclass(frozen=True, eq=False)
class Line:
    """A step that runs as its line of NumPy."""

    step: Step


@dataclass(eq=False)
class Loop:
    """Steps that go through the rows of arrays together.

    Attributes:
        lead: the shape without its last axis; its product is the number of rows.
        columns: the length of a row; 0 while only numbers for each row are known.
        flat: whether all its arrays are whole, entry by entry, so that it goes through all rows as
            one: short rows leave most of a vector register empty.
        steps: in order.
        phase: for what is made in the loop, the pass over a row in which it is made. A number of a
            row can be used from that pass on.
    """

    lead: tuple[int, ...]
    columns: int
    flat: bool = False
    steps: list[Step] = field(default_factory=list)
    phase: dict[Value, int] = field(default_factory=dict)
    rows: set[Value] = field(default_factory=set)  # numbers, one a row
    after: set[Value] = field(default_factory=set)  # known when the loop ends


Item = Gemm | Turn | Scalar | Check | Line | Loop


def multiplications(step: Step) -> int:
    """How many a step has, if it is a matrix product; else 0."""
    left = step.inputs[0] if step.inputs else None
    if step.op.name not in PRODUCTS or not isinstance(left, Value) or not left.shape:
        return 0
    return math.prod(step.output.shape) * left.shape[-1]


@dataclass(frozen=True, eq=False)
class Plan:
    """What is done in which order.

    Attributes:
        program: the program.
        items: in the order in which they run.
        same: values that are another one in another shape, or transposed.
    """

    program: Program
    items: tuple[Item, ...]
    same: dict[Value, tuple[Value, bool]]

    @property
    def is_whole(self) -> bool:
        """Whether nothing runs as a line of NumPy."""
        return not any(isinstance(item, Line) for item in self.items)

    def stored(self, value: Value) -> Value:
        """The value in whose memory a value is."""
        while value in self.same:
            value = self.same[value][0]
        return value


def reduced(step: Step, loop: Loop) -> str:
    """What a reduction leaves: a number for each "row", a "column" sum, one of "all"; else ""."""
    if step.op.name not in REDUCTIONS:
        return ""
    source = step.inputs[0]
    assert isinstance(source, Value)
    axis, rank = step.params.get("axis"), len(source.shape)
    axes = range(rank) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    found = sorted(a % rank for a in axes)
    if found == list(range(rank)):
        return "all"
    return "row" if found == [rank - 1] else "column"


def is_number_of_row(step: Step, loop: Loop) -> bool:
    """Whether a step makes one number for each row."""
    shape = step.output.shape
    return shape == (*loop.lead, 1) or (shape == loop.lead and bool(loop.lead))


def made(item: Item) -> list[Value]:
    """The values that an item makes."""
    if isinstance(item, Gemm | Turn):
        return [item.out]
    if isinstance(item, Loop):
        return [s.output for s in item.steps]
    return [item.step.output]


def taken(item: Item) -> list[Value]:
    """The values that it takes."""
    if isinstance(item, Gemm):
        return [item.left.value, item.right.value]
    if isinstance(item, Turn):
        return [item.source]
    if isinstance(item, Loop):
        return [v for s in item.steps for v in s.values()]
    return list(item.step.values())
