"""Mistakes on lines that compute nothing: a name given to the wrong thing, a count, a constant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from retrograd.diagnosis.backward import depends_on
from retrograd.diagnosis.fault import Fault
from retrograd.diagnosis.forward import Forward
from retrograd.diagnosis.tape import Tape
from retrograd.program import Step, Value
from retrograd.report import Position, source_segment
from retrograd.trace import Move


def handed_on(fault: Fault, step: Step, tape: Tape) -> Position | None:
    """Where a right quantity gets the name of another one: `dz = da`, `db = dz`.

    Args:
        fault: a line whose result is right, but for another quantity.
        step: the step that makes it.
        tape: the user's backward pass.
    """
    if step.where is None:
        return None
    own = {v.number for v in fault.site.values}
    returned = {v for v in tape.program.result.leaves() if isinstance(v, Value)}
    is_result = any(v in returned for v in fault.site.values)
    used = _segments(fault, tape)
    found = None
    for move in tape.moves:
        here = (move.where.file, move.where.function) == (step.where.file, step.where.function)
        if not (here and move.targets and own & set(move.values)):
            continue
        if is_result or any(mentions(text, name) for name in move.targets for text in used):
            found = move.where
    return found


def logits_named(step: Step, tape: Tape, forward: Forward) -> Position | None:
    """Where logits got the name under which they are taken for probabilities."""
    if step.where is None:
        return None
    text = source_segment(step.where)
    logits = [s.z.array for s in forward.softmaxes]
    taken = [v for v in step.values() if any(_same(tape.arrays.get(v), z) for z in logits)]
    for value in taken:
        moves = [m for m in tape.moves if m.targets and value.number in m.values]
        for move in reversed(moves):
            here = move.where.function == step.where.function
            if here and any(mentions(text, name) for name in move.targets):
                return move.where
        calls = tape.calls.get(value, ())
        for place in calls[1:]:  # made by a function that this one has called
            if (place.file, place.function) == (step.where.file, step.where.function):
                return place
    return None


def _same(array: Any, other: Any) -> bool:
    return np.shape(array) == np.shape(other) and np.array_equal(array, other)


def _segments(fault: Fault, tape: Tape) -> list[str]:
    """The code of the lines that take what a line makes."""
    places = {s.where for v in fault.site.values for s in tape.users.get(v, ()) if s.where}
    return [source_segment(p) for p in places]


def mentions(text: str, name: str) -> bool:
    """Whether a name stands in a piece of code."""
    return re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", text) is not None


def constant_returned(step: Step, tape: Tape) -> Position | None:
    """The line of a function that returned a plain number into a product, such as a slope."""
    where = step.where
    for move in reversed(tape.moves):
        to = move.returned
        if where is None or to is None or move.values or move.after >= step.output.number:
            continue
        if (to.file, to.function) == (where.file, where.function):
            fits = to.line <= where.line <= to.end_line or where.line <= to.line <= where.end_line
            return move.where if fits else None
    return None


def divisions(fault: Fault, tape: Tape, names: Sequence[Value]) -> list[Step]:
    """The steps from a wrong line to a gradient that divide by a count."""
    wanted = tape.ancestors(names)
    after = set(fault.site.values)
    found = []
    for step in tape.steps:
        on_the_way = step.output in after or any(v in after for v in step.values())
        if on_the_way and step.output in wanted:
            after.add(step.output)
            if count_of(step, tape) is not None:
                found.append(step)
    return found


def count_of(step: Step, tape: Tape) -> float | None:
    """The whole number that a step divides an array by; None if it does nothing like it."""
    if step.op.name == "mean":
        inside = np.size(tape.array(step.inputs[0]))
        return inside / max(1, int(np.prod(step.output.shape, dtype=int)))
    if step.op.name not in ("divide", "multiply"):
        return None
    operands = step.inputs[1:] if step.op.name == "divide" else step.inputs
    for operand in operands:
        number = tape.array(operand)
        if number is None or np.ndim(number) or not float(number):
            continue
        count = float(number) if step.op.name == "divide" else 1 / float(number)
        if count > 1 and abs(count - round(count)) < 1e-9:
            return count
    return None


def defined(step: Step, tape: Tape, number: float) -> Position | None:
    """Where the number got its name that a step takes; None where it is written out there."""
    if step.where is None:
        return None
    text = source_segment(step.where)
    found = None
    for move in tape.moves:
        if move.after >= step.output.number:
            break
        near = move.where.file == step.where.file
        if near and number in move.numbers and any(mentions(text, t) for t in _names(move)):
            found = move.where
    return found


def _names(move: Move) -> list[str]:
    return [part.strip(" ()") for target in move.targets for part in target.split(",")]


def counted(fault: Fault, step: Step, tape: Tape, forward: Forward) -> Position | None:
    """Where the count comes from that something is divided by; else where it is divided."""
    names = [v for v in tape.program.result.leaves() if isinstance(v, Value)]
    for divided in divisions(fault, tape, names):
        count = count_of(divided, tape)
        if count is None or count == forward.sizes.n:  # the right m of something else
            return divided.where
        return defined(divided, tape, count) or divided.where
    return step.where


def divided_again(fault: Fault, step: Step, tape: Tape, forward: Forward) -> Position | None:
    """Where it is divided once more, on the way to the gradient that is made first.

    Where other gradients are right with one division at their end, it is the first of the two.
    """
    n = forward.sizes.n
    made = [v for v in tape.program.result.leaves() if isinstance(v, Value) and v in tape.place]
    after = depends_on(tape, set(fault.site.values))
    for final in sorted(made, key=lambda v: tape.place[v]):
        found = [s for s in divisions(fault, tape, [final]) if count_of(s, tape) == n]
        if not found:
            continue
        others = [v for v in made if v not in after]
        once = [tape.ancestors([v]) for v in others]
        apart = [s for s in tape.steps if s.output not in after and count_of(s, tape) == n]
        usual = [s for s in apart if sum(s.output in some for some in once) == 1]
        return found[0 if usual and len(found) > 1 else -1].where
    return step.where
