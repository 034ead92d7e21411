"""What the looks for mistakes ask of a program: who made a value, who uses it, and its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from retrograd.program import Operand, Program, Step, Value, plain
from retrograd.report import Position, source_segment

SOFTMAXES = ("softmax", "log_softmax", "logsumexp")
_THE_SAME = (
    "reshape",
    "transpose",
    "astype",
    "expand_dims",
    "squeeze",
    "copy",
    "array",
    "positive",
)


class Evidence:
    """A program and the arrays it was recorded with.

    Args:
        program: the forward pass.
        data: the arrays of its inputs, by number.
        differentiated: the inputs that gradients are taken of.
    """

    def __init__(
        self, program: Program, data: Mapping[int, Any], differentiated: Sequence[Value]
    ) -> None:
        self.program = program
        self.data = data
        self.inputs = {item.value for item in program.inputs}
        self.producers = {step.output: step for step in program.steps}
        self.users: dict[Value, list[Step]] = {}
        self.moving: set[Value] = set(differentiated)  # what depends on them
        for step in program.steps:
            for value in step.values():
                self.users.setdefault(value, []).append(step)
            if any(value in self.moving for value in step.values()):
                self.moving.add(step.output)

    @cached_property
    def arrays(self) -> dict[Value, Any]:
        """Every value's array in this recording; without those that cannot be computed."""
        return self.run({})

    def run(self, changes: Mapping[Value, Any]) -> dict[Value, Any]:
        """Every value's array, with some of them replaced."""
        known: dict[Value, Any] = {
            item.value: self.data[item.value.number]
            for item in self.program.inputs
            if item.value.number in self.data
        }
        known.update(changes)
        for step in self.program.steps:
            if step.output in known or step.op.checks:
                continue
            if not all(value in known for value in step.values()):
                continue
            operands = [known[i] if isinstance(i, Value) else i.value for i in step.inputs]
            params = {k: plain(v) for k, v in step.params.items()}
            try:
                with np.errstate(all="ignore"):
                    known[step.output] = step.op.run(*operands, **params)
            except (ValueError, TypeError, IndexError, ArithmeticError, np.linalg.LinAlgError):
                continue
        return known

    def outcome(self, changes: Mapping[Value, Any]) -> float | None:
        """The number that the program returns with these arrays replaced, if it does."""
        result = next((v for v in self.program.result.leaves() if isinstance(v, Value)), None)
        found = self.run(changes).get(result) if result is not None else None
        if found is None or np.ndim(found) or not np.isfinite(found):
            return None
        return float(found)

    def array(self, operand: Operand) -> Any:
        """An operand's array, or None."""
        return self.arrays.get(operand) if isinstance(operand, Value) else operand.value

    def origin(self, operand: Operand) -> Operand:
        """The operand behind changes of its form alone."""
        while isinstance(operand, Value):
            step = self.producers.get(operand)
            if step is None or step.op.name not in _THE_SAME:
                break
            operand = step.inputs[0]
        return operand

    def maker(self, operand: Operand) -> Step | None:
        """The step that made an operand, behind changes of its form."""
        found = self.origin(operand)
        return self.producers.get(found) if isinstance(found, Value) else None

    def given(self, operand: Operand) -> bool:
        """Whether an operand is an input, and data: no gradient is taken of it."""
        return isinstance(operand, Value) and operand in self.inputs - self.moving

    def below(self, value: Value, names: Sequence[str]) -> Iterator[tuple[Step, Value]]:
        """The steps that use a value, also behind steps of these names, and what they use."""
        for step in self.users.get(value, ()):
            yield step, value
            if step.op.name in names:
                yield from self.below(step.output, names)

    def name(self, operand: Operand) -> str:
        """What the user calls an operand."""
        if isinstance(operand, Value):
            if operand in self.program.names:
                return self.program.names[operand]
            step = self.producers.get(operand)
            if step is not None and step.where is not None:
                return source_segment(step.where) or "an array"
        return "an array"

    def sentence(self, operand: Operand) -> str:
        """Such as: `P has shape (6, 3), made by `softmax(Z)` at net.py:7:9`."""
        name = self.name(operand)
        shape = operand.shape if isinstance(operand, Value) else np.shape(operand.value)
        step = self.producers.get(operand) if isinstance(operand, Value) else None
        if step is None or step.where is None:
            return f"{name} has shape {shape}, as given"
        return f"{name} has shape {shape}, made by `{source_segment(step.where)}` at {step.where}"


def where_of(step: Step) -> Position | None:
    """Where the user wrote a step."""
    return step.where if step.where is not None else (step.written.where if step.written else None)
