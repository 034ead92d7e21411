"""A change of the user's line in words, with the user's own names."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.diagnosis.edit import Edit
from retrograd.diagnosis.tape import Tape
from retrograd.program import Step, Value, plain
from retrograd.report import source_segment

_WORDS = {
    "operand": "{other} in place of {old}",
    "operand slope": "{old} times the slope at {other}",
    "operand as slope": "the slope at {other} in place of {old}",
    "operand factor": "{old} times {other}",
    "operand scaled": "{old} times {scale}",
    "flipped": "{old} turned around, its last two axes from the end to the start",
    "entries": "{old} of the transpose",
    "slope": "{text} times the slope at {other}",
    "without slope": "{text} without the slope at {other}",
    "as slope": "the slope at {other} in place of {text}",
    "factor": "{text} times {other}",
    "term": "{factor}{other} added to {text}",
    "scaled": "{text} times {scale}",
    "dropped": "{text} without {operand}",
    "transposed": "{operand} transposed in {text}",
    "product": "{product} in {text}",
    "entries product": "* in place of the sum over products in {text}",
    "key": "{new} in place of {key} in {text}, the first time that they differ",
    "compared": "{text} the other way",
    "negated": "the other sign in {text}",
    "axis": "the other axis in {text}",
    "axis kept": "the other axis in {text}",
}


def said(edit: Edit, step: Step, tape: Tape) -> str:
    """What is right in place of what is there.

    Args:
        edit: the change.
        step: the step that is changed.
        tape: the user's backward pass.
    """
    block = edit.line.blocks[0]
    words = {"text": source_segment(step.where) if step.where else "this line"}
    if edit.slot >= 0:
        words["old"] = _text(block.slots[edit.slot][0][-1], tape)
    if edit.values:
        words["other"] = _text(edit.values[0][-1], tape)
    if edit.keys:
        pairs = [(r, new) for r, new in zip(block.runs, edit.keys[0], strict=True)]
        old = [plain(run[edit.steps[0][0]].params["key"]) for run, _ in pairs]
        a, b = next(
            ((o, n) for o, (_, n) in zip(old, pairs, strict=True) if o != n), (old[0], pairs[0][1])
        )
        words["key"], words["new"] = _key(a), _key(b)
    words["factor"] = "" if np.isclose(edit.factor, 1) else f"{edit.factor:.6g} times "
    words["scale"] = f"{1 + edit.factor:.6g}"
    made = step.op.name in ("matmul", "dot")
    words["product"] = "* in place of the matrix product" if made else "the matrix product"
    operand: Any = step.inputs[edit.operand] if edit.operand < len(step.inputs) else None
    words["operand"] = _text(operand, tape) if isinstance(operand, Value) else str(_number(operand))
    return _WORDS[edit.kind].format(**words)


def _number(operand: Any) -> Any:
    value = getattr(operand, "value", operand)
    return f"{float(value):.6g}" if np.ndim(value) == 0 and value is not None else "an operand"


def _text(value: Value, tape: Tape) -> str:
    """What the user calls a value, or the code that makes it."""
    name = tape.program.names.get(value, "")
    step = tape.steps[tape.place[value]] if value in tape.place else None
    if name or step is None or step.where is None:
        return name or "the input"
    return source_segment(step.where)


def _key(key: Any) -> str:
    """A key as it is written."""
    parts = []
    for k in key:
        if isinstance(k, slice):
            ends = ["" if e is None else str(e) for e in (k.start, k.stop)]
            parts.append(":".join(ends + ([] if k.step is None else [str(k.step)])))
        else:
            parts.append(str(k))
    return f"[{', '.join(parts)}]"
