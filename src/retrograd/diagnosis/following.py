"""From where a wrong array ends up back to where it was made: through sums, updates and views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from retrograd.diagnosis.backward import depends_on
from retrograd.diagnosis.forward import Forward
from retrograd.diagnosis.numbers import ratio
from retrograd.diagnosis.tape import Tape
from retrograd.program import Step, Value

_SUMS = ("add", "subtract")
_SCALES = ("multiply", "divide", "negative", "as_float")
_STEPS = 12
_NEAR = 6  # steps from a product with an error to the error


def made_at(
    step: Step,
    tape: Tape,
    forward: Forward,
    is_right: Callable[[Value], bool],
    *,
    numbers: bool = False,
    penalties: bool = True,
) -> Step:
    """The step that made what another one adds up, or takes a part of.

    Args:
        step: where a wrong array ends up.
        tape: the user's backward pass.
        forward: the forward pass.
        is_right: whether a value is a right quantity, at which it ends.
        numbers: whether it goes on through a multiplication with a number.
        penalties: whether a number times the weights may be what is wrong.
    """
    weights = [np.asarray(forward.tape.arrays[v]) for v in forward.parameters.values()]

    def counts(value: Value) -> bool:
        made = tape.place.get(value)
        if made is None or tape.steps[made].op.like or (numbers and not np.any(tape.arrays[value])):
            return False
        maker = tape.steps[made]
        if maker is not step and maker.where == step.where and maker.op is step.op:
            return False  # the sum so far
        array = np.asarray(tape.arrays[value])
        return not any(w.shape == array.shape and _is_penalty(w, array, penalties) for w in weights)

    for _ in range(_STEPS):
        if step.op.view or step.op.name == "index":
            values = [v for v in step.inputs[:1] if isinstance(v, Value) and v in tape.place]
        elif step.op.name in _SUMS or (numbers and step.op.name in _SCALES):
            values = [v for v in step.values() if counts(v)]
            others = [v for v in step.values() if v not in values]
            if not others and step.op.name in _SUMS:
                break  # a sum of two things
        else:
            break
        if len(values) != 1 or is_right(values[0]):
            break
        step = tape.steps[tape.place[values[0]]]
    return step


def _is_penalty(weights: Any, array: Any, plain: bool) -> bool:
    """Whether an array is the weights, or a number times the weights if not `plain`."""
    scaled = not plain and array.size > 2 and ratio(weights, array) is not None
    return scaled or np.array_equal(weights, array)


def difference(step: Step, tape: Tape, weights: set[Value]) -> Step:
    """The step before it that takes one array from another, such as y - p.

    Args:
        step: where it is looked for, and before it.
        tape: the user's backward pass.
        weights: what the error depends on.
    """
    after = depends_on(tape, weights)
    if step.op.name in ("subtract", "negative"):
        return step
    todo = [step]
    for _ in range(_NEAR):
        values = [v for s in todo for v in s.values() if v in tape.place and v in after]
        made = [tape.steps[tape.place[v]] for v in values]
        for near in made:
            operands = [tape.array(i) for i in near.inputs]
            arrays = all(np.ndim(o) for o in operands) or not near.output.shape
            if near.op.name == "subtract" and arrays:
                return near
        todo = made
    return step
