"""Merge steps that compute the same.

before    a = z.max(axis=1);  b = z.max(axis=-1)
after     a = z.max(axis=1), and a in the place of b
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np

from retrograd.program import Constant, Program, Size, SizeOperand, Step, Value
from retrograd.rewrite.rebuild import Rebuild

_REDUCTIONS = ("sum", "mean", "max", "min", "softmax", "log_softmax")


def merge(program: Program) -> Program:
    """Keep the first of equal steps.

    A value that the user named keeps its name: two names for one value are not merged in the
    forward pass, where they are two lines of the user's.
    """
    rebuild = Rebuild(program)
    first: dict[Hashable, Step] = {}
    same: dict[Value, Value] = {}  # transposes, which are not worth a line of their own

    def visit(step: Step) -> None:
        key = _key(rebuild, step, same)
        known = first.get(key)
        named = rebuild.recorder.names
        if known is not None and step.op.name == "transpose":
            same[rebuild.keep(step).output] = known.output
        elif known is not None and not (step.output in named and known.output in named):
            rebuild.drop(step, known.output)
        else:
            first[key] = rebuild.keep(step)

    return rebuild.walk(visit)


def _key(rebuild: Rebuild, step: Step, same: Mapping[Value, Value]) -> Hashable:
    operands = tuple(_operand_key(same.get(o, o)) for o in map(rebuild.operand, step.inputs))
    params = dict(step.params)
    axis = params.get("axis")
    first = step.inputs[0] if step.inputs else None
    if type(axis) is int and axis < 0 and isinstance(first, Value) and step.op.name in _REDUCTIONS:
        params["axis"] = axis + len(first.shape)
    return (
        step.op,
        operands,
        repr(sorted(((k, _param_key(v)) for k, v in params.items()), key=str)),
    )


def _operand_key(operand: Any) -> Hashable:
    if isinstance(operand, Value):
        return operand
    if isinstance(operand, SizeOperand):
        return operand.expression
    assert isinstance(operand, Constant)
    array = isinstance(operand.value, np.ndarray)
    return id(operand.value) if array else (type(operand.value), repr(operand.value))


def _param_key(value: Any) -> str:
    if type(value) is Size:
        return repr(value.expression)
    if type(value) is tuple:
        return "(" + ",".join(_param_key(v) for v in value) + ")"
    if type(value) is slice:
        return f"slice({_param_key(value.start)},{_param_key(value.stop)},{_param_key(value.step)})"
    return repr(value)
