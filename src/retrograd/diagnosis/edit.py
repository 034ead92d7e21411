"""One change of a line of the user's backward pass, and what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from retrograd.diagnosis.blocks import Block, Change, Line, Place
from retrograd.diagnosis.tape import Arrays, operands_of
from retrograd.program import Step, Value, plain

SOLVED = ("scaled", "operand scaled", "term")  # with a number that follows from the adjoints


@dataclass(frozen=True, eq=False)
class Edit:
    """A change of a line.

    Attributes:
        kind: what is done to it.
        line: the line.
        values: by block, the values whose arrays are taken in place of others.
        slot: by block, the number of the operand that is replaced; -1 for a result.
        step: the step that is changed.
        operand: its operand that is changed.
        slope: by block, what the slot or the result is multiplied with.
        factor: a number that the result is multiplied with.
        steps: by block, the steps that take another key.
        keys: by block, the key of each run.
        repairs: the inputs whose gradients are right with it, once it was run.
        arrays: every array with it, once it was run.
    """

    kind: str
    line: Line
    values: tuple[tuple[Value, ...], ...] = ()
    slot: int = -1
    step: int = -1
    operand: int = -1
    slope: tuple[Any, ...] = ()
    factor: float = 1.0
    steps: tuple[tuple[int, ...], ...] = ()
    keys: tuple[tuple[Any, ...], ...] = ()
    repairs: tuple[str, ...] = ()
    arrays: Mapping[Value, Any] = field(default_factory=dict, repr=False)


def differences(edit: Edit, block: Block, n: int) -> dict[int, Any] | None:
    """What a change does to the results of a block, the runs along the first axis."""
    k = block.outputs[-1] if block.outputs else -1
    if edit.slot < 0 and edit.step < 0 and not edit.keys:
        old = block.made(k)
        if edit.kind == "scaled":
            results = {j: block.made(j) for j in block.outputs}
            return {j: a.astype(float) for j, a in results.items() if a.dtype.kind == "f"}
        if edit.kind == "term":
            return {k: block.stacked(edit.values[n])}
        other = block.stacked(edit.values[n])
        return {k: replaced(edit, old, other, edit.slope[n] if edit.slope else None) - old}
    operands: dict[Place, Any] = {}
    steps: dict[int, Change | tuple[Change, ...]] = {}
    if edit.keys:
        for s in edit.steps[n]:
            pairs = zip(block.runs, edit.keys[n], strict=True)
            steps[s] = tuple(_at_key(run[s], key) for run, key in pairs)
    elif edit.slot >= 0:
        values, places = block.slots[edit.slot]
        other = block.stacked(edit.values[n]) if edit.values else None
        slope = edit.slope[n] if edit.slope else None
        new = replaced(edit, block.stacked(values), other, slope)
        operands = dict.fromkeys(places, new)
    else:
        change = changed_step(edit, block.runs[0][edit.step])
        if change is None:
            return None
        steps = {edit.step: change}
    made = block.outcome(operands, steps)
    if made is None:
        return None
    found = {}
    for j, array in made.items():
        old = block.made(j)
        if array.shape != old.shape or old.dtype.kind != "f":
            return None
        found[j] = array - old
    return found


def replaced(edit: Edit, old: Any, other: Any, slope: Any) -> Any:
    """What stands in the place of an operand or a result.

    Args:
        edit: the change.
        old: what was there.
        other: the array that the change names.
        slope: the slope that it names.
    """
    with np.errstate(all="ignore"):
        if edit.kind == "operand":
            return other
        if edit.kind in ("operand slope", "slope"):
            return old * slope
        if edit.kind == "without slope":
            return old / slope
        if edit.kind in ("operand as slope", "as slope", "entries"):
            return slope
        if edit.kind in ("operand factor", "factor"):
            return old * other
        if edit.kind == "operand scaled":
            return old * (1 + edit.factor)
        if edit.kind == "flipped":
            return old[..., ::-1, ::-1]
        return old + edit.factor * other


def changed_step(edit: Edit, step: Step) -> Change | None:
    """A step computed in another way, or None where it has none of this kind."""
    name, j = step.op.name, edit.operand
    shapes = [i.shape if isinstance(i, Value) else np.shape(i.value) for i in step.inputs]
    out = step.output.shape
    params = {k: plain(v) for k, v in step.params.items()}
    run = step.op.run
    if edit.kind == "dropped" and len(shapes) == 2 and shapes[1 - j] == out:
        if name == "multiply" or (name in ("divide", "add", "subtract") and j == 1):
            return lambda *arrays: arrays[1 - j]
        if name == "add":
            return lambda x, y: y
        if name == "subtract":
            return lambda x, y: -y
    if edit.kind == "negated" and name in ("add", "subtract"):
        other = np.subtract if name == "add" else np.add
        return lambda x, y: other(x, y)
    square = len(shapes) > j >= 0 and len(shapes[j]) > 1 and shapes[j][-2] == shapes[j][-1] > 1
    if edit.kind == "transposed" and square and name in ("matmul", "dot"):
        return lambda *arrays: run(
            *(np.swapaxes(a, -1, -2) if i == j else a for i, a in enumerate(arrays)), **params
        )
    if edit.kind == "product" and len(shapes) == 2:
        if name in ("matmul", "dot") and _broadcast(shapes) == out:
            return lambda x, y: np.multiply(x, y)
        if name == "multiply" and shapes[0] == shapes[1] == out and len(out) == 2:
            return (lambda x, y: x @ y) if out[0] == out[1] else None
    if edit.kind == "entries product" and name in ("dot", "inner", "matmul", "vdot"):
        same = len(shapes) == 2 and shapes[0] == shapes[1] and len(shapes[0]) == 1
        return (lambda x, y: np.multiply(x, y)) if same else None
    if edit.kind == "compared" and name in _COMPARED:
        return _COMPARED[name][j] if j < len(_COMPARED[name]) else None
    if edit.kind in ("axis", "axis kept") and name in ("sum", "mean") and len(shapes[0]) == 2:
        axis = params.get("axis")
        fits = shapes[0][0] == shapes[0][1] or len(out) == 2
        if axis in (0, 1, -1, -2) and fits and (len(out) == 2) == (edit.kind == "axis kept"):
            other_axis = {**params, "axis": 1 - axis % 2}
            return lambda x: run(x, **other_axis)
    return None


_COMPARED: dict[str, tuple[Change, ...]] = {
    "greater": (np.less_equal, np.less, np.equal),
    "greater_equal": (np.less, np.greater, np.equal),
    "less": (np.greater_equal, np.greater, np.equal),
    "less_equal": (np.greater, np.less, np.equal),
    "equal": (np.not_equal,),
    "not_equal": (np.equal,),
}


def _broadcast(shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...] | None:
    """The shape of two arrays entry by entry; None where they do not fit."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        return None


def runs_of(edit: Edit) -> dict[Value, Callable[[Arrays], Any]]:
    """The steps of a changed line, as functions of all arrays."""
    found: dict[Value, Callable[[Arrays], Any]] = {}
    for n, block in enumerate(edit.line.blocks):
        for m, run in enumerate(block.runs):
            if edit.slot >= 0:
                for k, j in block.slots[edit.slot][1]:
                    found[run[k].output] = _with_operand(edit, run[k], j, n, m)
            elif edit.keys:
                for k in edit.steps[n]:
                    found[run[k].output] = _with_change(run[k], _at_key(run[k], edit.keys[n][m]))
            elif edit.step >= 0:
                change = changed_step(edit, run[edit.step])
                if change is not None:
                    found[run[edit.step].output] = _with_change(run[edit.step], change)
            elif edit.kind == "scaled":
                floats = [run[k] for k in block.outputs if run[k].output.dtype.kind == "f"]
                found.update({s.output: _after(s, _scaled(edit)) for s in floats})
            else:
                step = run[block.outputs[-1]]
                found[step.output] = _after(step, _result(edit, n, m))
    return found


def _at_key(step: Step, key: Any) -> Change:
    return lambda *arrays: step.op.run(*arrays, key=key)


def _scaled(edit: Edit) -> Callable[[Any, Arrays], Any]:
    return lambda a, known: a * (1 + edit.factor)


def _result(edit: Edit, n: int, m: int) -> Callable[[Any, Arrays], Any]:
    other = edit.values[n][m]
    slope = edit.slope[n][m] if edit.slope else None
    return lambda a, known: replaced(edit, a, known[other], slope)


def _after(step: Step, change: Callable[[Any, Arrays], Any]) -> Callable[[Arrays], Any]:
    params = {k: plain(v) for k, v in step.params.items()}
    return lambda known: change(step.op.run(*operands_of(step, known), **params), known)


def _with_change(step: Step, change: Change) -> Callable[[Arrays], Any]:
    return lambda known: change(*operands_of(step, known))


def _with_operand(edit: Edit, step: Step, j: int, n: int, m: int) -> Callable[[Arrays], Any]:
    """A step with another operand; with several, where the same value is taken twice."""
    params = {k: plain(v) for k, v in step.params.items()}
    wrong = step.inputs[j]

    def run(known: Arrays) -> Any:
        arrays = operands_of(step, known)
        for i, operand in enumerate(step.inputs):
            if operand is wrong:
                slope = edit.slope[n][m] if edit.slope else None
                other = known[edit.values[n][m]] if edit.values else None
                arrays[i] = replaced(edit, arrays[i], other, slope)
        return step.op.run(*arrays, **params)

    return run
