"""Replay: run a program's steps on the symbols of another recording, so that it is recorded there.

This is how a gradient is differentiated again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from retrograd.ops import Recorder, Symbol
from retrograd.program import (
    Constant,
    Dim,
    Expression,
    Program,
    Size,
    SizeOperand,
    Value,
)
from retrograd.trace import Path


def replay(program: Program, arguments: Mapping[str, Any], recorder: Recorder) -> Any:
    """What the program returns, recorded in `recorder`.

    Args:
        program: the program.
        arguments: the arguments of its function, which may hold symbols.
        recorder: the recording under way.
    """
    symbols: dict[Value, Any] = {}
    dims: dict[Dim, Expression] = {}
    for item in program.inputs:
        if item.leaf is not None:
            thing = item.leaf.get(arguments[item.leaf.parameter])
        else:
            name = program.names.get(item.value) or "array"
            thing = _captured(item.captured or "", name, item.read, recorder)
        symbols[item.value] = thing
        operand = recorder.operand(thing)
        if isinstance(operand, Value):
            for axis, size in enumerate(operand.sizes):
                dims[Dim(item.value.number, axis)] = size
    for value, thing in symbols.items():  # what the inner recording found equal, or pinned
        operand = recorder.operand(thing)
        if isinstance(operand, Value):
            for own, outer in zip(value.sizes, operand.sizes, strict=True):
                recorder.sizes.same(outer, own.substitute(dims))
    for check in program.checks:
        left, right = check.left.substitute(dims), check.right.substitute(dims)
        recorder.sizes.compared(left, check.kind, right, check.truth)

    def thing_of(operand: Any) -> Any:
        if isinstance(operand, Value):
            return symbols[operand]
        if isinstance(operand, SizeOperand):
            return Size(operand.value, operand.expression.substitute(dims))
        assert isinstance(operand, Constant)
        return operand if isinstance(operand.value, np.ndarray) else operand.value

    for step in program.steps:
        params = {k: _parameter(v, dims) for k, v in step.params.items()}
        symbols[step.output] = recorder.record(step.op, [thing_of(i) for i in step.inputs], params)
    return program.result.build(thing_of)


def _captured(text: str, name: str, read: Any, recorder: Recorder) -> Any:
    thing = read()
    if type(thing) is Symbol and thing.recorder is recorder:
        return thing
    assert recorder.capture is not None
    return recorder.capture(thing, Path(text, name, read))


def _parameter(value: Any, dims: Mapping[Dim, Expression]) -> Any:
    if type(value) is Size:
        return Size(value.value, value.expression.substitute(dims))
    if type(value) is tuple:
        return tuple(_parameter(v, dims) for v in value)
    if type(value) is slice:
        return slice(*(_parameter(v, dims) for v in (value.start, value.stop, value.step)))
    return value
