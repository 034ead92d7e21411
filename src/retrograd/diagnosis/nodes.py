"""The right quantities of a forward pass: each array of the user's with its gradient.

What a loop makes on one line, once for each example, is one quantity as well: its arrays stacked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from retrograd.diagnosis.lists import lists_of
from retrograd.diagnosis.tape import Tape
from retrograd.program import Step, Value
from retrograd.report import Position, source_segment

_ALONE = 12  # executions of one line that are also looked at one by one


@dataclass(frozen=True, eq=False)
class Node:
    """A quantity of a pass: an array, or the arrays of one line in a loop.

    Attributes:
        values: the values on the tape, one for each execution.
        array: their arrays, stacked along a first axis where there are several.
        step: the step that made the last of them; None for an input.
        name: what the user calls it, or "".
        place: where its first value stands in the order of the steps; -1 for an input.
    """

    values: tuple[Value, ...]
    array: Any
    step: Step | None
    name: str
    place: int

    @property
    def where(self) -> Position | None:
        """The user's code that made it."""
        return self.step.where if self.step is not None else None

    @property
    def text(self) -> str:
        """Its name, or the code that makes it."""
        return self.name or (source_segment(self.where) if self.where else "")

    def split(self, array: Any) -> dict[Value, Any]:
        """An array of this node's shape, by value."""
        if len(self.values) == 1:
            return {self.values[0]: np.reshape(array, self.values[0].shape)}
        return {v: np.reshape(part, v.shape) for v, part in zip(self.values, array, strict=True)}


def nodes_of(tape: Tape, wanted: set[Value] | None = None) -> list[Node]:
    """The quantities of a tape, in the order in which they were made.

    Args:
        tape: the tape.
        wanted: the values that count; None for all.
    """
    program = tape.program
    found: list[Node] = []
    for item in program.inputs:
        if item.value in tape.arrays and (wanted is None or item.value in wanted):
            found.append(_single(tape, item.value, None))
    sites: dict[object, list[Step]] = {}
    for step in tape.steps:
        if step.output not in tape.arrays or (wanted is not None and step.output not in wanted):
            continue
        sites.setdefault(_site(tape, step), []).append(step)
    known = {tuple(s.output for s in steps) for steps in sites.values()}
    for steps in sites.values():
        if len(steps) > 1:
            found.append(_looped(tape, tuple(s.output for s in steps)))
            found += _taken(tape, steps, known)
        if len(steps) == 1 or (len(steps) <= _ALONE and steps[0].output.shape):
            found += [_single(tape, s.output, s) for s in steps]
        elif len(steps) > 1 and steps[-1].output.shape:
            found.append(_single(tape, steps[-1].output, steps[-1]))  # what the loop leaves
    counting = set(tape.arrays) if wanted is None else wanted & set(tape.arrays)
    for values in lists_of(tape, counting):
        if values not in known:
            known.add(values)
            found.append(_looped(tape, values))
    return sorted(found, key=lambda n: (n.place, -len(n.values)))


def _single(tape: Tape, value: Value, step: Step | None) -> Node:
    name = tape.program.names.get(value, "")
    if step is None:
        name = next((i.leaf.name for i in tape.program.inputs if i.value is value and i.leaf), name)
    return Node((value,), np.asarray(tape.arrays[value]), step, name, tape.place.get(value, -1))


def _looped(tape: Tape, values: tuple[Value, ...]) -> Node:
    arrays = np.stack([np.asarray(tape.arrays[v]) for v in values])
    last = max(tape.place.get(v, -1) for v in values)
    step = tape.steps[last] if last >= 0 else None
    name = tape.program.names.get(values[-1], "")
    return Node(values, arrays, step, name, min(tape.place.get(v, -1) for v in values))


def _taken(tape: Tape, steps: Sequence[Step], known: set[tuple[Value, ...]]) -> list[Node]:
    """What a line takes each time it runs, such as the last of the sums of an inner loop."""
    found = []
    for k in range(len(steps[0].inputs)):
        values = tuple(s.inputs[k] for s in steps)
        whole = tuple(v for v in values if isinstance(v, Value) and v in tape.arrays)
        fits = len(set(whole)) == len(steps) and len({v.shape for v in whole}) == 1
        if fits and whole not in known and all(v in tape.arrays for v in whole):
            known.add(whole)
            found.append(_looped(tape, whole))
    return found


def _site(tape: Tape, step: Step) -> object:
    """What the executions of one line in a loop have in common, the calls on the way included."""
    where = step.where
    if where is None or where.column < 0:
        return step
    calls = tape.calls.get(step.output, ())[1:]
    return where, step.op.name, len(step.inputs), step.output.shape, calls


@dataclass(frozen=True)
class Layout:
    """How the entries of two arrays belong together: one of five ways, each its own inverse.

    Attributes:
        kind: "same", but for axes of length 1; "turned", one is the other transposed; "flat", a
            loop made one entry at a time; "backwards", a loop ran from the last to the first, or
            an inner loop did; "outer", an outer loop did.
        inner: how often the inner loop ran.
    """

    kind: str
    inner: int = 0

    def put(self, array: Any, shape: tuple[int, ...]) -> Any:
        """An array of one side in the shape of the other."""
        array = np.asarray(array)
        if self.kind == "turned":
            array = np.squeeze(array).T
        if self.kind == "backwards":
            inner = self.inner or len(array)
            parts = array.reshape(-1, inner, *array.shape[1:])
            array = parts[:, ::-1].reshape(array.shape)
        if self.kind == "outer":
            parts = array.reshape(-1, self.inner, *array.shape[1:])
            array = parts[::-1].reshape(array.shape)
        return array.reshape(shape)


def layouts(
    one: tuple[int, ...],
    other: tuple[int, ...],
    looped: bool = False,
    inner: Sequence[int] = (),
) -> list[Layout]:
    """The layouts in which arrays of two shapes can hold the same entries.

    Args:
        one: a shape.
        other: another one.
        looped: whether one of them was made in a loop.
        inner: how often an inner loop may have run.
    """
    plain, wanted = (tuple(n for n in shape if n != 1) for shape in (one, other))
    found = []
    if plain == wanted:
        found.append(Layout("same"))
        if looped and plain and one[0] == other[0]:
            found.append(Layout("backwards"))
            fits = [n for n in inner if n < one[0] and one[0] % n == 0]
            found += [Layout(kind, n) for n in fits for kind in ("backwards", "outer")]
    if len(plain) > 1 and plain[::-1] == wanted:
        found.append(Layout("turned"))
    if looped and not found and np.prod(one) == np.prod(other):
        found.append(Layout("flat"))
    return found
