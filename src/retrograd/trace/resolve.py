"""After recording: every size in terms of those that turned out to be free."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from retrograd.ops import Recorder
from retrograd.program import (
    Constant,
    Expression,
    Operand,
    Program,
    Size,
    SizeOperand,
    Step,
    Value,
)


def resolved(program: Program, recorder: Recorder) -> Program:
    """The program with every size in terms of the dims that are still free."""
    book = recorder.sizes
    values: dict[Value, Value] = {}

    def of_value(value: Value) -> Value:
        if value not in values:
            values[value] = replace(value, sizes=tuple(book.resolve(s) for s in value.sizes))
        return values[value]

    def of_operand(operand: Any) -> Any:
        if isinstance(operand, Value):
            return of_value(operand)
        if isinstance(operand, SizeOperand):
            expression = book.resolve(operand.expression)
            return (
                replace(operand, expression=expression)
                if expression.constant is None
                else Constant(operand.value)
            )
        return operand

    def of_step(step: Step) -> Step:
        inputs: Sequence[Operand] = [of_operand(i) for i in step.inputs]
        params = {k: _resolved_parameter(v, book.resolve) for k, v in step.params.items()}
        return replace(step, inputs=tuple(inputs), params=params, output=of_value(step.output))

    checks = tuple(
        replace(c, left=book.resolve(c.left), right=book.resolve(c.right)) for c in book.checks
    )
    return replace(
        program,
        parameters=tuple(
            replace(p, tree=p.tree.map(lambda pair: (pair[0], of_operand(pair[1]))))
            for p in program.parameters
        ),
        inputs=tuple(replace(i, value=of_value(i.value)) for i in program.inputs),
        steps=tuple(of_step(s) for s in program.steps),
        result=program.result.map(of_operand),
        names={of_value(v): n for v, n in program.names.items()},
        known={of_value(v): array for v, array in program.known.items()},
        checks=tuple(c for c in checks if (c.left + -c.right).constant is None),
    )


def _resolved_parameter(thing: Any, resolve: Callable[[Expression], Expression]) -> Any:
    kind = type(thing)
    if kind is Size:
        expression = resolve(thing.expression)
        return thing.value if expression.constant is not None else Size(thing.value, expression)
    if kind is tuple:
        return tuple(_resolved_parameter(t, resolve) for t in thing)
    if kind is slice:
        parts = (thing.start, thing.stop, thing.step)
        return slice(*(_resolved_parameter(t, resolve) for t in parts))
    return thing
