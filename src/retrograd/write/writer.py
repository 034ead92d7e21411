"""write: Program → NumPy text.

One named value a line; unnamed values that are used once go inline. Each line says its shape, and
in the backward pass why it is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from retrograd.ops import literals
from retrograd.ops.spelling import Text
from retrograd.program import Dim, Operand, Program, SizeOperand, Step, Value
from retrograd.write.chains import chains, continued
from retrograd.write.layout import Line, laid_out
from retrograd.write.names import Names
from retrograd.write.notes import said
from retrograd.write.signature import returned, signature
from retrograd.write.sizes import header, letters

LONGEST = 84  # columns of code, so that a shape still fits into 100


@dataclass(frozen=True)
class Written:
    """Text, and what is needed to run it.

    Attributes:
        source: a module of Python that needs only NumPy.
        function: the name of the last function that it defines.
        keywords: for each captured array, its keyword.
        lines: the lines of the two passes, and what each of them runs.
        names: the name of every value that has one.
        sizes: the letter of every free size.
    """

    source: str
    function: str
    keywords: tuple[str, ...]
    lines: tuple[Line, ...] = ()
    names: Mapping[Value, str] = field(default_factory=dict)
    sizes: Mapping[Dim, str] = field(default_factory=dict)


def write(program: Program, *, function: str, summary: str, wrt: Sequence[Value] = ()) -> Written:
    """The program as text.

    Args:
        program: what to write.
        function: the name of the function to define.
        summary: the first line of its docstring.
        wrt: the inputs that gradients are taken of; they decide which arrays count as data.
    """
    return _Writer(program, function, wrt).write(summary)


@dataclass
class _Pending:
    """An expression on its way into a line, and the steps in it."""

    text: Text
    steps: list[Step] = field(default_factory=list)


class _Writer:
    def __init__(self, program: Program, function: str, wrt: Sequence[Value]) -> None:
        self.program = program
        self.function = function
        self.dims = letters(
            program, wrt, {*program.names.values(), *(p.name for p in program.parameters)}
        )
        self.chains = chains(program)
        self.names = Names(program, {function, *self.dims.values()}, self.chains.last)
        self.uses = self._count_uses()
        self.pending: dict[Value, _Pending] = {}
        self.lines: list[Line] = []
        self.line_of: dict[Value, str] = {}
        self.said: set[str] = set()
        self.backward = False

    def _count_uses(self) -> dict[Value, int]:
        uses: dict[Value, int] = {}
        for step in self.program.steps:
            for value in step.values():
                uses[value] = uses.get(value, 0) + 1
        for leaf in self.program.result.leaves():
            if isinstance(leaf, Value):
                uses[leaf] = uses.get(leaf, 0) + 1
        return uses

    def write(self, summary: str) -> Written:
        program = self.program
        for index, step in enumerate(program.steps):
            if index == program.backward_from:
                self.backward = True
            self._step(step)
        result = program.result.describe(lambda leaf: self._operand(leaf).text.code)
        if (
            program.result.kind == "tuple"
            and result.startswith("(")
            and len(program.result.keys) > 1
        ):
            result = result[1:-1]
        captured = [i for i in program.inputs if i.captured is not None]
        keywords = tuple(self.names.of[i.value] for i in captured)
        code = [line.code for line in self.lines] + [result]
        body = [*self._unpacking(), *self._static_checks()]
        body += header(program, self.names.of, self.dims, code)
        has_backward = any(line.backward for line in self.lines)
        imports = {line for step in program.steps for line in step.op.imports}
        text = [
            *sorted({"import numpy as np", *imports}),
            "",
            "",
            *signature(self.function, program.parameters, keywords),
            f'    """{summary}"""',
            *(f"    {line}" if line else "" for line in body),
            *laid_out(self.lines, titled=has_backward),
            *returned(result),
        ]
        return Written(
            "\n".join(text) + "\n",
            self.function,
            keywords,
            tuple(self.lines),
            self.names.of,
            self.dims,
        )

    # steps
    def _step(self, step: Step) -> None:
        operands = [self._operand(i) for i in step.inputs]
        params = {k: literals.parameter(v, self.dims) for k, v in step.params.items()}
        if step.op.statements is not None:
            self._statements(step, operands, params)
            return
        if self._continues(step, operands):
            return
        assert step.op.spell is not None
        value = step.output
        named = value in self.names.of
        margin = 3 + len(self.names.of.get(value, "t12")) + max(0, len(str(value.shape)) - 8)
        spelled = self._spelled(step, operands, params, margin)
        if not named and self.uses.get(value, 0) == 1 and len(spelled.text.code) <= LONGEST - 20:
            self.pending[value] = spelled
            return
        self._emit(value, [f"{self._name(step)} = {spelled.text.code}"], spelled.steps)

    def _spelled(
        self, step: Step, operands: list[_Pending], params: dict[str, str], margin: int
    ) -> _Pending:
        """The step's expression; operands that make it too long get lines of their own."""
        assert step.op.spell is not None
        while True:
            text = step.op.spell([o.text for o in operands], params)
            inline = [
                (len(o.text.code), -n, i)
                for n, (o, i) in enumerate(zip(operands, step.inputs, strict=True))
                if o.steps and isinstance(i, Value)
            ]
            if len(text.code) + margin <= LONGEST or not inline:
                break
            _, position, value = max(inline, key=lambda item: item[:2])
            operands[-position] = self._on_its_own(value, operands[-position])
        return _Pending(text, [step, *(s for o in operands for s in o.steps)])

    def _on_its_own(self, value: Value, pending: _Pending) -> _Pending:
        name = self._name(pending.steps[0])
        self._emit(value, [f"{name} = {pending.text.code}"], pending.steps)
        return _Pending(Text(name))

    def _statements(self, step: Step, operands: list[_Pending], params: dict[str, str]) -> None:
        """An op that takes several lines: such as a write at an index."""
        assert step.op.statements is not None
        if step.op.updates and self._in_place(step.inputs[0], step):
            self._flush(step)
        name = "" if step.op.checks else self._name(step)
        lines = step.op.statements(name, [o.text for o in operands], params)
        for at, (operand, value) in enumerate(zip(operands, step.inputs, strict=True)):
            often = sum(line.count(operand.text.code) for line in lines) > 1
            if often and operand.steps and isinstance(value, Value):
                operands[at] = self._on_its_own(value, operand)
        lines = step.op.statements(name, [o.text for o in operands], params)
        self._emit(step.output, lines, [step, *(s for o in operands for s in o.steps)])

    def _last(self, value: Value) -> Value:
        return self.chains.last.get(value, value)

    def _in_place(self, operand: object, step: Step) -> bool:
        """Whether a step writes into the array of an operand."""
        last = self.chains.last.get(operand) if isinstance(operand, Value) else None
        return last is not None and last is self._last(step.output)

    def _flush(self, step: Step) -> None:
        """Give expressions that wait with an array in them lines of their own: it changes now."""
        sharing = self.chains.sharing[self._last(step.output)]
        for waiting, pending in list(self.pending.items()):
            if any(value in sharing for step in pending.steps for value in step.values()):
                del self.pending[waiting]
                self._on_its_own(waiting, pending)

    def _continues(self, step: Step, operands: list[_Pending]) -> bool:
        """Write `dz /= N` where the operand is in the same array."""
        first = continued(step)
        if first is None or not self._in_place(first, step):
            return False
        self._flush(step)
        symbol = "/" if step.op.name == "divide" else "*"
        number = operands[1 if step.inputs[0] is first else 0]
        self._emit(step.output, [f"{self._name(step)} {symbol}= {number.text.code}"], [step])
        return True

    def _operand(self, operand: Operand | Any) -> _Pending:
        if isinstance(operand, Value):
            if operand in self.pending:
                return self.pending.pop(operand)
            return _Pending(Text(self.names.of[operand], plain=operand.weak))
        if isinstance(operand, SizeOperand):
            return _Pending(literals.size(operand.expression, self.dims, whole=False))
        return _Pending(literals.constant(operand.value))

    def _name(self, step: Step) -> str:
        value = step.output
        if value not in self.names.of:
            gradient_of = self.program.gradient_of.get(value)
            letter = "g" if gradient_of is not None else step.op.letter
            self.names.make(value, letter)
        return self.names.of[value]

    # lines
    def _emit(self, value: Value, code: list[str], steps: list[Step]) -> None:
        if not self.backward:
            self.line_of.update((step.output, code[0]) for step in steps)
        reason = self._reason(steps) if self.backward else ""
        if reason in self.said:
            reason = ""
        elif reason:
            self.said.add(reason)
        shape = "" if steps[0].op.checks else str(value.shape)
        for number, text in enumerate(code):
            if number == 0:
                line = Line(text, shape, reason, self.backward, value, tuple(steps))
            else:
                line = Line(text, "", "", self.backward, value)
            self.lines.append(line)

    def _reason(self, steps: list[Step]) -> str:
        for step in steps:
            if step.note is not None:
                upstream = {"g": self._upstream(step)} if "{g}" in step.note.text else {}
                return said(step.note, self.names.of, self.dims, **upstream)
        for step in steps:
            if step.forward is not None:
                return self.line_of.get(step.forward.output, "")
        return ""

    def _upstream(self, step: Step) -> str:
        assert step.forward is not None
        return "d" + self.names.of.get(step.forward.output, "out")

    # around the lines
    def _unpacking(self) -> list[str]:
        return [
            f"{self.names.of[i.value]} = {i.leaf.text}"
            for i in self.program.inputs
            if i.leaf is not None and i.leaf.path
        ]

    def _static_checks(self) -> list[str]:
        """Numbers of type int, booleans and strings among the arguments are part of the program."""
        found = [
            (leaf.text, literals.constant(thing).code)
            for p in self.program.parameters
            for leaf, thing in p.tree.leaves()
            if type(thing) in (int, bool, str)
        ]
        lines = []
        for text, value in found:
            lines.append(f"if {text} != {value}:")
            words = f"this was written for {text} = {value}".replace('"', "'")
            lines.append(f'    raise ValueError("{words}")')
        return lines
