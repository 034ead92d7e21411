"""What every pass needs: walk a program's steps, replace some, and get the program back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from retrograd.ops import Recorder, Symbol
from retrograd.program import Operand, Program, Step, Value


class Rebuild:
    """A program being made from another one, step by step.

    Args:
        program: the program to start from.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.recorder = Recorder.continuing(replace(program, steps=()))
        for step in program.steps:
            self.recorder.adopt(step.output)
        self.replaced: dict[Value, Operand] = {}
        self.backward_from = program.backward_from

    def operand(self, operand: Any) -> Any:
        """What stands in the new program for an operand of the old one."""
        while isinstance(operand, Value) and operand in self.replaced:
            operand = self.replaced[operand]
        return operand

    def keep(self, step: Step) -> Step:
        """Add a step, with its operands replaced."""
        kept = replace(step, inputs=tuple(self.operand(i) for i in step.inputs))
        if step.written is not None:
            own = tuple(self.operand(i) for i in step.written.inputs)
            kept = replace(kept, written=replace(step.written, inputs=own))
        self.recorder.steps.append(kept)
        self.recorder.producers[kept.output] = kept
        return kept

    def drop(self, step: Step, by: Operand) -> None:
        """Leave a step out; `by` stands for its result."""
        by = self.operand(by)
        self.replaced[step.output] = by
        recorder = self.recorder
        if isinstance(by, Value):
            if step.output in recorder.known:
                recorder.known[by] = recorder.data[by] = recorder.known[step.output]
            name, of = (
                recorder.names.pop(step.output, None),
                recorder.gradient_of.pop(step.output, None),
            )
            is_input = by not in recorder.producers
            if name is not None and not is_input:
                recorder.names.setdefault(by, name)
            if of is not None and not is_input and by not in recorder.names:
                recorder.gradient_of.setdefault(by, of)

    def record(self, step: Step, compute: Callable[..., Any]) -> None:
        """Put what `compute` records, called with the step's operands, in the place of a step."""
        recorder = self.recorder
        recorder.forward, recorder.note = step.forward, step.note
        locate, recorder.locate = recorder.locate, lambda: None
        operands = [self.symbol(i) for i in step.inputs]
        start = len(recorder.steps)
        with recorder.recording():
            result = compute(*operands)
        recorder.locate = locate
        recorder.steps[start:] = [replace(s, where=step.where) for s in recorder.steps[start:]]
        recorder.producers.update((s.output, s) for s in recorder.steps[start:])
        self.drop(step, recorder.operand(result))

    def record_as(self, step: Step, compute: Callable[..., Any]) -> None:
        """The same, with the step's own result as the last one's."""
        start = len(self.recorder.steps)
        names = dict(self.recorder.names), dict(self.recorder.gradient_of)
        self.record(step, compute)
        made = self.replaced.pop(step.output)
        self.recorder.names, self.recorder.gradient_of = names
        assert start < len(self.recorder.steps)
        last = self.recorder.steps.pop()
        assert last.output is made
        self.keep(replace(last, output=step.output))

    def symbol(self, operand: Any) -> Any:
        """An operand as NumPy code takes it."""
        operand = self.operand(operand)
        if isinstance(operand, Value):
            return Symbol(self.recorder, operand)
        return operand.value

    def _with_forward(self, step: Step) -> Step:
        """The step, pointing at the forward step that is in the program now."""
        if step.forward is None:
            return step
        now = self.operand(step.forward.output)
        made = self.recorder.producers.get(now) if isinstance(now, Value) else None
        return step if made is None or made is step.forward else replace(step, forward=made)

    def walk(self, visit: Callable[[Step], None]) -> Program:
        """Visit every step, and return the program that came of it."""
        for index, step in enumerate(self.program.steps):
            if index == self.program.backward_from:
                self.backward_from = len(self.recorder.steps)
            visit(step)
        if self.program.backward_from == len(self.program.steps):
            self.backward_from = len(self.recorder.steps)
        return replace(
            self.program,
            steps=tuple(self._with_forward(step) for step in self.recorder.steps),
            result=self.program.result.map(self.operand),
            names=dict(self.recorder.names),
            gradient_of={
                gradient: self.operand(of) for gradient, of in self.recorder.gradient_of.items()
            },
            backward_from=self.backward_from,
            known=dict(self.recorder.known),
        )
