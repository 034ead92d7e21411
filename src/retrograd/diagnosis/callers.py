"""Whose mistake it is: the function's in which a line stands, or the caller's."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from retrograd.diagnosis.fault import Fault
from retrograd.diagnosis.forward import Forward
from retrograd.diagnosis.numbers import ratio
from retrograd.diagnosis.right import is_right
from retrograd.diagnosis.tape import Tape
from retrograd.program import Step, Value
from retrograd.report import Position

_ROWS = 8
_MANY = 100  # slopes
_SECONDS = 0.3  # for another argument with which a function would be right


def where_used(step: Step, tape: Tape) -> Position | None:
    """Where a function's result is taken over: its call, or the next call that it is given to."""
    calls = tape.calls.get(step.output, ())
    users = tape.users.get(step.output, ())
    if len(calls) < 2 or not users:
        return None
    other = tape.calls.get(users[0].output, ())
    if not other or frame_of(other[0]) == frame_of(calls[0]):
        return None
    for n, place in enumerate(calls[1:], 1):  # the innermost function that both are called from
        for m, there in enumerate(other):
            if frame_of(place) == frame_of(there) and calls[n + 1 :] == other[m + 1 :]:
                return there if m else place
    return None


def frame_of(position: Position) -> tuple[str, str]:
    """The function that a place is in."""
    return position.file, position.function


def was_given(fault: Fault, step: Step, tape: Tape) -> bool:
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


def caller_or(
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
