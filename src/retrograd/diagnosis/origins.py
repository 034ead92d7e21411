"""Where an array that stands in the place of another one comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from retrograd.diagnosis.entries import Entries
from retrograd.diagnosis.forward import Forward
from retrograd.diagnosis.locate import Search
from retrograd.diagnosis.tape import Tape
from retrograd.program import Operand, Step, Value

_DEEP = 8  # writes into one array


def was_updated(values: Sequence[Value], tape: Tape, entries: Entries) -> bool:
    """Whether arrays are weights after their update."""
    before = {new: old for old, new in tape.written}
    for value in values:
        old, seen = value, 0
        while old in before and seen < _DEEP:
            old, seen = before[old], seen + 1
        if seen and entries.kind(tape.arrays[old]) == "weight":
            return True
        step = tape.steps[tape.place[old]] if old in tape.place else None
        if step is not None and step.op.name in ("subtract", "add", "index", "delete"):
            array = tape.array(step.inputs[0])
            return array is not None and entries.kind(array) in ("weight", "")
    return False


def was_overwritten(values: Sequence[Value], needed: Sequence[Value], tape: Tape) -> bool:
    """Whether what is needed is what the arrays held before they were written into."""
    before = {new: old for old, new in tape.written}
    for value, wanted in zip(values, needed, strict=True):
        old, seen = before.get(value), 0
        while old is not None and seen < _DEEP:
            if old is wanted:
                made = tape.steps[tape.place[old]].op if old in tape.place else None
                return made is None or not made.updates  # or it is a sum that is not whole yet
            old, seen = before.get(old), seen + 1
    return False


def is_gradient_of(values: Sequence[Value], needed: Sequence[Value], search: Search) -> bool:
    """Whether arrays are the gradient of the weight that is needed, as far as it is added up."""
    tape, forward = search.tape, search.forward
    wanted = np.asarray(tape.arrays[needed[0]])
    for name, own in forward.parameters.items():
        if name not in search.finals or not np.array_equal(wanted, forward.tape.arrays[own]):
            continue
        made = tape.ancestors([search.finals[name]])
        if all(v in made and v.shape == own.shape for v in values):
            return True
    return False


def times_weights(operand: Operand, tape: Tape, entries: Entries) -> bool:
    """Whether an array is the weights, or a number times them as in a penalty."""
    own = tape.array(operand)
    if own is not None and entries.kind(own) == "weight":
        return True
    place = tape.place.get(operand) if isinstance(operand, Value) else None
    step = tape.steps[place] if place is not None else None
    if step is None or step.op.name not in ("multiply", "divide"):
        return False
    arrays = [tape.array(i) for i in step.inputs]
    return any(a is not None and entries.kind(a) == "weight" for a in arrays)


def is_probability(array: Any, forward: Forward) -> bool:
    """Whether the entries of an array are those of a softmax."""
    known = [np.round(s.p.array, 12) for s in forward.softmaxes]
    return any(np.isin(np.round(array, 12), p).all() for p in known)


def is_logit(array: Any, forward: Forward) -> bool:
    """Whether the entries of an array are those that a softmax takes."""
    known = [np.round(s.z.array, 12) for s in forward.softmaxes]
    return any(np.isin(np.round(array, 12), z).all() for z in known)


def is_sum_so_far(operand: Operand, step: Step, tape: Tape) -> bool:
    """Whether an operand is what the same line has added up before."""
    if not isinstance(operand, Value):
        return False
    made = [tape.steps[tape.place[v]] for v in tape.ancestors([operand]) if v in tape.place]
    return any(s.where == step.where and s.op is step.op for s in made)
