"""Which line of the user's is to blame for a wrong array: the one that made it, or one before.

The array may be a product of a right gradient with a slope that came out wrong on another line; it
may be made in a function that is right and was called with the wrong thing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from retrograd.diagnosis.backward import depends_on
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
from retrograd.diagnosis.numbers import ratio
from retrograd.diagnosis.tape import Tape
from retrograd.diagnosis.truth import input_values
from retrograd.program import Step, Value
from retrograd.report import Position

_ROWS = 8
_MANY = 100  # slopes
_SECONDS = 0.3  # for another argument with which a function would be right
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
    if blames == "call" and _given(fault, step, tape):
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
    if blames == "use":
        return handed_on(fault, step, tape) or _where_used(step, tape) or step.where
    if blames == "factor" and made_by is None:
        returned = constant_returned(step, tape)
        if returned is not None:
            return returned
    if made_by is not None and blames == "factor":
        return made_by.where
    if made_by is not None and blames is None and not fault.matches:
        return _caller_or(made_by, tape, forward)
    carried = _carried(fault, tape, mended, forward)
    if carried is not None:
        return carried.where
    return _caller_or(step, tape, forward, fault)


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
        and _frame(s.where) == _frame(here)
        and here.line < s.where.line <= here.line + _BRANCH
        and s.op is step.op
    ]
    return max(near, key=lambda p: p.line) if near else here


def _where_used(step: Step, tape: Tape) -> Position | None:
    """Where a function's result is taken over: its call, or the next call that it is given to."""
    calls = tape.calls.get(step.output, ())
    users = tape.users.get(step.output, ())
    if len(calls) < 2 or not users:
        return None
    other = tape.calls.get(users[0].output, ())
    if not other or _frame(other[0]) == _frame(calls[0]):
        return None
    for n, place in enumerate(calls[1:], 1):  # the innermost function that both are called from
        for m, there in enumerate(other):
            if _frame(place) == _frame(there) and calls[n + 1 :] == other[m + 1 :]:
                return there if m else place
    return None


def _frame(position: Position) -> tuple[str, str]:
    return position.file, position.function


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


def _given(fault: Fault, step: Step, tape: Tape) -> bool:
    """Whether the function in which a step stands was given what is needed, and changed it."""
    calls = tape.calls.get(step.output, ())
    if len(calls) < 2:
        return False
    needed = fault.layout.put(fault.needed, fault.site.array.shape)
    for value in tape.ancestors([step.output]):
        array = tape.arrays.get(value)
        if (
            array is not None
            and value in tape.place
            and np.shape(array) == needed.shape[-np.ndim(array) or None :]
        ):
            rows = [needed, *needed] if needed.ndim else [needed]
            if any(np.shape(r) == np.shape(array) and ratio(r, array) is not None for r in rows):
                made = tape.calls.get(value, ())
                return bool(made) and made[0].function != calls[0].function
    return False


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


def is_right(value: Value, tape: Tape, forward: Forward, *, values_only: bool = False) -> bool:
    """Whether an array of the user's is a right quantity, but for a number.

    Args:
        value: the array.
        tape: the user's backward pass.
        forward: the forward pass.
        values_only: whether only arrays of the forward pass count, not their gradients.
    """
    array = np.asarray(tape.arrays[value])
    if array.dtype.kind != "f" or array.size < 2:
        return False
    catalogue = forward.catalogue
    if any(True for _ in catalogue.same(array, True, kind="values" if values_only else "all")):
        return True
    return not values_only and catalogue.is_part(array)


def _caller_or(
    step: Step, tape: Tape, forward: Forward, fault: Fault | None = None
) -> Position | None:
    """The line that called the function in which a step stands, if that function is right."""
    calls = tape.calls.get(step.output, ())
    if len(calls) < 2:
        return step.where
    twins = [s for s in tape.steps if s.where == step.where and s.op is step.op]
    faulty = set(fault.site.values) if fault is not None else {step.output}
    others = [s for s in twins if s.output not in faulty]
    if others and any(is_right(s.output, tape, forward, values_only=True) for s in others):
        return calls[1]
    if fault is None and _right_elsewhere(step, tape, forward):
        return calls[1]
    return step.where


def _right_elsewhere(step: Step, tape: Tape, forward: Forward) -> bool:
    """Whether the function would have made a true slope of another argument."""
    slopes = [
        s
        for e in forward.elementwise
        for s in (e.derivative, *np.atleast_1d(e.derivative))
        if s.shape == step.output.shape
    ][:_MANY]
    if not slopes:
        return False
    until = time.thread_time() + _SECONDS
    for argument in _arguments(step, tape):
        for node in forward.moving:
            rows = [node.array, *(node.array if len(node.values) > 1 else ())]
            for array in rows[:_ROWS]:
                if np.shape(array) != argument.shape:
                    continue
                if time.thread_time() > until:
                    return False
                made = tape.again({argument: array}).get(step.output)
                if made is not None and any(
                    np.allclose(made, s, rtol=1e-7, atol=1e-12) and np.ptp(s) > 0 for s in slopes
                ):
                    return True
    return False


def _arguments(step: Step, tape: Tape) -> Iterator[Value]:
    """What a function's lines take from outside of it."""
    calls = tape.calls.get(step.output, ())
    inside = {
        s.output
        for s in tape.steps
        if tape.calls.get(s.output, ())[-len(calls) + 1 :] == calls[1:]
        and len(tape.calls.get(s.output, ())) >= len(calls)
    }
    seen: set[Value] = set()
    for value in tape.ancestors([step.output]):
        made = tape.place.get(value)
        if value in inside and made is not None:
            for operand in tape.steps[made].values():
                if operand not in inside and operand not in seen and operand.shape:
                    seen.add(operand)
                    yield operand
