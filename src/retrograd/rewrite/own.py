"""Give each gradient an array of its own, so that the caller may change it in place.

before    return c, c          c is the caller's array, or another gradient
after     return c.copy(), c.copy()
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from retrograd.ops import TABLE, Recorder
from retrograd.program import Program, Step, Value


def own(program: Program, gradients: Sequence[Any]) -> Program:
    """Copy the gradients that share memory with an input, a kept value or one another."""
    if not gradients or not program.results:
        return program
    recorder = Recorder.continuing(program)
    producers = program.producers
    seen = {_root(i.value, producers) for i in program.inputs}

    def leaf_of(leaf: Any) -> Any:
        if not isinstance(leaf, Value) or leaf.weak or not leaf.shape:
            return leaf
        root = _root(leaf, producers)
        if root not in seen:
            seen.add(root)
            return leaf
        return recorder.record(TABLE["copy"], [leaf], {}).value

    with recorder.recording():
        result = program.result.map(leaf_of)
    return replace(program, steps=tuple(recorder.steps), result=result)


def _root(value: Value, producers: dict[Value, Step]) -> Value:
    """The value whose memory a value may share."""
    step = producers.get(value)
    while step is not None and (step.op.view or step.op.alias):
        first = step.inputs[0]
        if not isinstance(first, Value):
            break
        value, step = first, producers.get(first)
    return value
