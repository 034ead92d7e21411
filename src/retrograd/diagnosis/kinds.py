"""What kind of network a forward pass is: one with a recurrence, one with windows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from retrograd.diagnosis.forward import Forward
from retrograd.diagnosis.tape import Tape
from retrograd.program import Step, Value

_WINDOWS = (
    "sliding_window_view",
    "as_strided",
    "correlate",
    "convolve",
    "pad",
    "conv1d",
    "conv2d",
    "max_pool1d",
    "max_pool2d",
    "avg_pool1d",
    "avg_pool2d",
)


_PRODUCTS = ("matmul", "dot", "einsum", "tensordot", "inner", "outer", "multiply", "matvec")


def is_recurrent(forward: Forward) -> bool:
    """Whether a weight is used again on what an earlier use of it made."""
    tape = forward.tape
    for value in forward.parameters.values():
        if len(value.shape) < 1:
            continue
        for steps in _by_line(tape, value):
            if len(steps) < 2 or steps[0].op.name not in _PRODUCTS:
                continue
            others = [v for v in steps[-1].values() if v not in forward.weights]
            if steps[0].output in tape.ancestors(others):
                return True
    return False


def _by_line(tape: Tape, value: Value) -> Iterator[list[Step]]:
    """The steps that take a value, maybe transposed or a part of it, by their line."""
    forms, lines = {value}, dict[object, list[Step]]()
    for step in tape.steps:
        if any(v in forms for v in step.values()):
            if step.op.name in ("transpose", "index", "reshape", "tolist", "as_float"):
                forms.add(step.output)
            else:
                lines.setdefault(step.where or step, []).append(step)
    yield from lines.values()


def in_loss(forward: Forward, value: Value) -> bool:
    """Whether labels have come in since the last weights: it is an error, not a unit."""
    tape, own = forward.tape, set(forward.parameters.values())
    data = {v for v in tape.inputs if v not in own and v.shape}
    todo, seen = [value], {value}
    while todo:
        place = tape.place.get(todo.pop())
        step = tape.steps[place] if place is not None else None
        if step is None or step.op.name in _WEIGHTS:
            continue
        for v in step.values():
            if v in data:
                return True
            if v not in seen:
                seen.add(v)
                todo.append(v)
    return False


_WEIGHTS = ("matmul", "dot", "einsum", "tensordot", "inner", "outer")


def has_windows(forward: Forward) -> bool:
    """Whether it takes windows of an array: a convolution, or pooling."""
    sites: dict[object, list[Step]] = {}
    for step in forward.tape.steps:
        if step.output not in forward.backward.gradients:
            continue
        if step.op.name in _WINDOWS:
            return True
        if step.op.name == "index":
            slices = [k for k in step.params["key"] if isinstance(k, slice)]
            bounded = [s for s in slices if s.start is not None and s.stop is not None]
            if bounded:
                sites.setdefault(step.where or step, []).append(step)
        if step.op.name in ("mean", "max", "sum"):
            axis = step.params.get("axis")
            if isinstance(axis, tuple) and len(axis) == 2 and axis[1] - axis[0] == 2:
                return True
    return any(len(steps) > 1 and _moves(steps) for steps in sites.values())


def _moves(steps: list[Step]) -> bool:
    starts = {
        tuple(int(k.start) for k in s.params["key"] if isinstance(k, slice) and k.start is not None)
        for s in steps
    }
    whole = np.prod(steps[0].output.shape, dtype=int) if steps[0].output.shape else 0
    return len(starts) > 1 and whole > 1
