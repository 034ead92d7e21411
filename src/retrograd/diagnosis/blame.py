"""Which line of the user's is to blame for a wrong array: the one that made it, or one before.

The array may be a product of a right gradient with a slope that came out wrong on another line; it
may be made in a function that is right and was called with the wrong thing.
"""

from __future__ import annotations

import numpy as np

from retrograd.diagnosis.backward import depends_on
from retrograd.diagnosis.callers import caller_or, frame_of, was_given, where_used
from retrograd.diagnosis.fault import Fault
from retrograd.diagnosis.following import difference, made_at
from retrograd.diagnosis.forward import Forward
from retrograd.diagnosis.moves import (
    constant_returned,
    counted,
    divided_again,
    handed_on,
    logits_named,
)
from retrograd.diagnosis.right import is_right
from retrograd.diagnosis.sizes import nearly
from retrograd.diagnosis.tape import Tape
from retrograd.diagnosis.truth import input_values
from retrograd.program import Step, Value
from retrograd.report import Position

_NUMBERS = ("made", "count", "again", "sign", "name", "sum")  # where a number is wrong
_PRODUCTS = ("multiply", "matmul", "dot", "einsum", "divide", "where", "set_at", "inner", "matvec")


def to_blame(fault: Fault, tape: Tape, forward: Forward, blames: str | None) -> Position | None:
    """The place in the user's code that a teacher would underline.

    Args:
        fault: the wrong array.
        tape: the user's backward pass.
        forward: the forward pass.
        blames: what the cause says; None where it is not known.
    """
    step = fault.site.step
    if step is not None:
        numbers = blames in ("name", "sum") or (blames is None and fault.final)
        step = made_at(
            step,
            tape,
            forward,
            lambda v: is_right(v, tape, forward),
            numbers=numbers,
            penalties=blames is not None,
        )
    if step is None or step.where is None:
        return None
    if blames not in _NUMBERS and not nearly(fault.factor, 1):
        step = _before_rate(step, tape)
    fits = fault.site.array.size == fault.needed.size
    mended = tape.mended(fault.change()) if fits and len(fault.site.values) > 1 else tape
    made_by = _wrong_factor(step, mended, forward) if step.op.name in _PRODUCTS else None
    if blames == "argument":
        named = logits_named(step, tape, forward)
        if named is not None:
            return named
    if made_by is not None and blames == "argument":
        calls, own = tape.calls.get(made_by.output, ()), tape.calls.get(step.output, ())
        return calls[max(0, len(calls) - len(own))] if calls else made_by.where
    if blames == "call" and was_given(fault, step, tape):
        return tape.calls[step.output][1]
    if blames == "count":
        return counted(fault, step, tape, forward)
    if blames == "again":
        return divided_again(fault, step, tape, forward)
    if blames == "name":
        return handed_on(fault, step, tape) or step.where
    if blames == "sum":
        return step.where
    if blames == "sign":
        return difference(step, tape, _weights(tape, forward)).where
    if blames == "addend" and step.op.name == "add":
        wrong = [v for v in step.values() if v in tape.place and not is_right(v, tape, forward)]
        return tape.steps[tape.place[wrong[0]]].where if len(wrong) == 1 else step.where
    if blames == "made" and forward.computes(fault.site.array):
        return handed_on(fault, step, tape) or step.where
    if blames == "last":
        return _last_branch(step, tape)
    if blames == "use of it" and _is_forward(step, fault, forward):
        return handed_on(fault, step, tape) or _in_backward(step, tape, forward) or step.where
    if blames == "use":
        return handed_on(fault, step, tape) or where_used(step, tape) or step.where
    if blames == "factor" and made_by is None:
        returned = constant_returned(step, tape)
        if returned is not None:
            return returned
    if made_by is not None and blames == "factor":
        return made_by.where
    if made_by is not None and blames is None and not fault.matches:
        return caller_or(made_by, tape, forward)
    carried = _carried(fault, tape, mended, forward)
    if carried is not None:
        return carried.where
    return caller_or(step, tape, forward, fault)


def _before_rate(step: Step, tape: Tape) -> Step:
    """The line of what is multiplied by a number, as a learning rate: delta of -rate * delta."""
    while step.op.name == "multiply":
        arrays = [v for v in step.values() if v.shape == step.output.shape and v.shape]
        numbers = [i for i in step.inputs if i not in arrays]
        made = tape.place.get(arrays[0]) if len(arrays) == 1 else None
        if made is None or any(isinstance(n, Value) or tape.array(n) > 0 for n in numbers):
            break
        if tape.steps[made].where is None:
            break
        step = tape.steps[made]
    return step


def _is_forward(step: Step, fault: Fault, forward: Forward) -> bool:
    """Whether a line is one of the forward pass, which the backward runs again."""
    return forward.computes(fault.site.array) or step.where in _lines(forward)


def _in_backward(step: Step, tape: Tape, forward: Forward) -> Position | None:
    """The first line that takes a quantity of the forward pass and is not one of it."""
    lines = _lines(forward)
    users = (s.where for s in tape.users.get(step.output, ()))
    return next((w for w in users if w is not None and w not in lines), None)


def _lines(forward: Forward) -> set[Position | None]:
    return {s.where for s in forward.tape.steps}


def _weights(tape: Tape, forward: Forward) -> set[Value]:
    """The user's inputs that are parameters of the forward pass."""
    own = input_values(tape)
    return {own[n] for n in forward.parameters if n in own}


def _last_branch(step: Step, tape: Tape) -> Position | None:
    """Of the branches of an if in which the same is done, the last one."""
    here = step.where
    near = [
        s.where
        for s in tape.steps
        if s.where is not None
        and here is not None
        and frame_of(s.where) == frame_of(here)
        and here.line < s.where.line <= here.line + _BRANCH
        and s.op is step.op
    ]
    return max(near, key=lambda p: p.line) if near else here


def _carried(fault: Fault, tape: Tape, mended: Tape, forward: Forward) -> Step | None:
    """In a loop whose first round is right, the step that made what the next round takes over."""
    site = fault.site
    if len(site.values) < 2:
        return None
    needed = fault.layout.put(fault.needed, site.array.shape)
    if not np.allclose(needed[0], site.array[0], rtol=1e-7, atol=1e-12):
        return None
    first, second = site.values[0], site.values[1]
    after = depends_on(tape, {first})
    if second not in after:
        return None
    step, catalogue = tape.steps[tape.place[second]], forward.catalogue
    for _ in range(_LINES):
        doubtful = [
            v
            for v in step.values()
            if v in after
            and v in tape.place
            and not is_right(v, mended, forward)
            and not catalogue.is_sent(mended.arrays[v])
        ]
        if len(doubtful) != 1 or doubtful[0] is first:
            return None
        made = tape.steps[tape.place[doubtful[0]]]
        if made.where is None or step.where is None or made.where.line != step.where.line:
            return made
        step = made
    return None


_LINES = 20
_BRANCH = 3  # lines from one branch to the next


def _wrong_factor(step: Step, tape: Tape, forward: Forward) -> Step | None:
    """The step on another line that made a wrong factor beside a right one."""
    operands = [v for v in step.inputs if isinstance(v, Value) and v in tape.place]
    right = [v for v in step.values() if is_right(v, tape, forward)]
    doubtful = [v for v in operands if v not in right and v.dtype.kind in "fb" and v.shape]
    if not right or len(doubtful) != 1 or step.where is None:
        return None
    made = tape.steps[tape.place[doubtful[0]]]
    if made.where is None or (made.where.file, made.where.line) == (
        step.where.file,
        step.where.line,
    ):
        return None
    return made
