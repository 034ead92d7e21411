"""A loop of a plan as a function: one pass over a row for each phase, one statement for each step.

for i in range(N):
for j in range(K):
z1_ij = t[i, j] + b1[j]
z1[i, j] = z1_ij
a1[i, j] = np.maximum(z1_ij, np.float32(0))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from retrograd.compile.access import access, is_pick
from retrograd.compile.items import Loop, is_number_of_row, reduced
from retrograd.compile.kernel import Kernel
from retrograd.compile.spelled import expression, is_whole, literal, number_type, zero
from retrograd.program import Constant, Operand, SizeOperand, Step, Value

_START = {"sum": "0", "mean": "0", "max": "-np.inf", "min": "np.inf"}


class Writer:
    """Writes one loop.

    Args:
        name: of the function.
        loop: the loop.
        names: what values are called.
        stored: the values that have memory of their own outside of the loop.
        found: the value in whose memory another one is.
        in_place: results that go into the memory of an input, by the result.
        shared: whether it goes through some of the rows only, from `first` to before `last`.
    """

    def __init__(
        self,
        name: str,
        loop: Loop,
        names: Callable[[Value], str],
        stored: set[Value],
        found: Callable[[Value], Value],
        in_place: Mapping[Value, Value],
        shared: bool = False,
    ) -> None:
        self.shared = shared and not loop.flat
        self.loop, self.names, self.stored, self.found = loop, names, stored, found
        self.kernel, self.in_place = Kernel(name, shared=self.shared), in_place
        self.dtype = next(
            (s.output.dtype for s in loop.steps if s.output.dtype.kind == "f"), np.dtype(float)
        )
        self.temporary: set[Value] = set()
        self.cell = "[i, j]" if loop.lead and not loop.flat else "[j]"

    def run(self) -> Kernel:
        """The kernel."""
        loop, kernel = self.loop, self.kernel
        last = max(loop.phase.values(), default=0)
        self._keep()
        before: list[str] = []
        after: list[str] = []
        body = self._labelled()
        for phase in range(last + 1):
            body += self._phase(phase)
        for step in loop.steps:
            if step.output not in loop.after:
                continue
            name = self.names(step.output)
            if reduced(step, loop) == "column":
                name = self._array(step.output, "column")
                before += [f"for j in range({name}.shape[0]):", f"    {name}[j] = 0"]
                if step.op.name == "mean":
                    after += [f"for j in range({name}.shape[0]):", f"    {name}[j] /= rows"]
            else:
                name = f"{name}_sum" if step.output.shape else name
                before.append(f"{name} = 0.0")
                count = " / (rows * columns)" if self._over_entries(step) else " / rows"
                value = f"{name}{count}" if step.op.name == "mean" else name
                if step.output.shape:  # keepdims
                    after.append(f"{self._array(step.output, 'cell')}[0] = {value}")
                    continue
                after.append(f"{name} = np.{step.output.dtype.name}({value})")
                kernel.returns.append(step.output)
        over = "first, last" if self.shared else "rows"
        kernel.lines = [*before, f"for i in range({over}):", *(f"    {t}" for t in body), *after]
        kernel.temporary = [f"{self.names(v)}_row" for v in sorted(self.temporary, key=_number)]
        return kernel

    def _over_entries(self, step: Step) -> bool:
        source = self.found(step.inputs[0])  # type: ignore[arg-type]
        return source not in self.loop.rows

    def _keep(self) -> None:
        """Find the rows that a later pass over the same row needs, and that have no memory."""
        phase = self.loop.phase
        for step in self.loop.steps:
            here = phase.get(step.output, max(phase.values(), default=0))
            for operand in step.values():
                value = self.found(operand)
                if value not in phase or value in self.loop.rows or value in self.stored:
                    continue
                source = step.op.name == "index" and operand is step.inputs[0]
                if source or self._read_in(step, here) > phase[value]:
                    self.temporary.add(value)

    def _read_in(self, step: Step, here: int) -> int:
        """The pass in which a step reads its operands."""
        if step.output in self.loop.after:
            sources = [self.found(v) for v in step.values()]
            return max((self.loop.phase.get(v, 0) for v in sources), default=0)
        if reduced(step, self.loop) == "row":
            return here - 1
        return here

    # one pass over a row
    def _phase(self, phase: int) -> list[str]:
        loop, numbers, inner = self.loop, list[str](), list[str]()
        starts, ends = list[str](), list[str]()
        loaded: set[str] = set()
        for step in loop.steps:
            out, name = step.output, self.names(step.output)
            kind = reduced(step, loop)
            if kind:
                source = self.found(step.inputs[0])  # type: ignore[arg-type]
                if loop.phase.get(source, 0) != phase:
                    continue
                self._reduce(step, kind, source, numbers, starts, inner, ends, loaded, phase)
            elif loop.phase.get(out) != phase or out in loop.after:
                continue
            elif step.op.name == "index":
                numbers += self._picked(step, name)
            elif is_number_of_row(step, loop) and out in loop.rows:
                numbers.append(f"{name}_i = {self._computed(step, numbers, loaded, phase, 'i')}")
                numbers += self._kept_number(out, name)
            else:
                code = self._computed(step, inner, loaded, phase, "ij")
                inner.append(f"{name}_ij = {code}")
                if out in self.stored:
                    memory = self._array(self.in_place.get(out, out), "full")
                    inner.append(f"{memory}{self.cell} = {name}_ij")
                elif out in self.temporary:
                    inner.append(f"{name}_row[j] = {name}_ij")
        lines = numbers + starts
        if inner:
            lines += ["for j in range(columns):", *(f"    {t}" for t in inner)]
        return lines + ends

    def _kept_number(self, out: Value, name: str) -> list[str]:
        if out not in self.stored:
            return []
        return [f"{self._array(out, 'row')}[i] = {name}_i"]

    def _reduce(
        self,
        step: Step,
        kind: str,
        source: Value,
        numbers: list[str],
        starts: list[str],
        inner: list[str],
        ends: list[str],
        loaded: set[str],
        phase: int,
    ) -> None:
        name, op, type_ = self.names(step.output), step.op.name, f"np.{self.dtype.name}"
        if source in self.loop.rows:  # a sum of numbers of the rows
            total = f"{name}_sum" if step.output.shape else name
            if kind == "column":
                total = f"{self._array(step.output, 'column')}[0]"
            numbers.append(f"{total} += {self._operand(source, numbers, loaded, phase, 'i')}")
            return
        entry = self._operand(step.inputs[0], inner, loaded, phase, "ij")
        if kind == "column":
            inner.append(f"{self._array(step.output, 'column')}[j] += {entry}")
            return
        local = f"{name}_i"
        starts.append(f"{local} = {type_}({_START[op]})")
        if op in ("sum", "mean"):
            inner.append(f"{local} += {entry}")
        else:
            better = ">" if op == "max" else "<"
            inner.append(
                f"{local} = {entry} if {entry} {better} {local} or {entry} != {entry} else {local}"
            )
        if kind == "all":
            ends.append(f"{name}{'_sum' if step.output.shape else ''} += {local}")
            return
        if op == "mean":
            ends.append(f"{local} /= {type_}(columns)")
        ends += self._kept_number(step.output, name)

    def _picked(self, step: Step, name: str) -> list[str]:
        """x[np.arange(N), y]: a number of each row."""
        source = self.found(step.inputs[0])  # type: ignore[arg-type]
        place = f"{self.names(step.inputs[-1])}_i"  # type: ignore[arg-type]
        if source in self.temporary:
            lines = [f"{name}_i = {self.names(source)}_row[{place}]"]
        else:
            lines = [f"{name}_i = {self._array(source, 'full')}[i, {place}]"]
        return lines + self._kept_number(step.output, name)

    def _labelled(self) -> list[str]:
        """The labels of a row, as column numbers."""
        found: dict[str, str] = {}
        for step in self.loop.steps:
            if is_pick(step):
                labels = step.inputs[-1]
                assert isinstance(labels, Value)
                argument = self._array(labels, "row")
                found[self.names(labels)] = argument
        return [f"{name}_i = label({argument}[i], columns)" for name, argument in found.items()]

    def _computed(
        self, step: Step, lines: list[str], loaded: set[str], phase: int, where: str
    ) -> str:
        """A step's expression on single numbers."""
        if step.op.chosen is not None:
            source, value, _, labels = step.inputs
            assert isinstance(labels, Value)
            x = ""
            if "{0}" in step.op.chosen:
                x = self._operand(source, lines, loaded, phase, where, step)
            v = self._operand(value, lines, loaded, phase, "i", step)
            here = f"j == {self.names(labels)}_i"
            return step.op.chosen.format(x, v, here=here).replace("else 0", f"else {zero(step)}")
        if not any(f"{{{k}}}" in (step.op.loop or "{0}") for k in range(3)):
            return f"np.{step.output.dtype.name}({step.op.loop})"  # an array of one number
        if step.op.like:
            number = self._operand(step.inputs[1], lines, loaded, phase, where, step)
            return f"np.{step.output.dtype.name}({number})"
        texts = [self._operand(i, lines, loaded, phase, where, step) for i in step.inputs]
        if step.op.name == "power" and is_whole(step.inputs[1]):
            texts[1] = repr(int(step.inputs[1].value))  # type: ignore[union-attr]
        return expression(step, texts)

    def _operand(
        self,
        operand: Operand,
        lines: list[str],
        loaded: set[str],
        phase: int,
        where: str,
        step: Step | None = None,
    ) -> str:
        """An operand as one number."""
        dtype = self.dtype if step is None else number_type(step)
        if isinstance(operand, Constant):
            return literal(operand.value, dtype)
        if isinstance(operand, SizeOperand):
            name = next((n for n, s in self.kernel.sizes.items() if s == operand), None)
            name = name or f"size_{len(self.kernel.sizes)}"
            self.kernel.sizes[name] = operand
            return f"np.{dtype.name}({name})"
        text = self._value(operand, lines, loaded, phase, where)
        plain = step is not None and step.op.name == "where" and operand is step.inputs[0]
        if operand.dtype != dtype and dtype.kind == "f" and not plain:
            return f"np.{dtype.name}({text})"
        return text

    def _value(
        self, operand: Value, lines: list[str], loaded: set[str], phase: int, where: str
    ) -> str:
        loop, value = self.loop, self.found(operand)
        name = self.names(value)
        if value in loop.rows:
            return f"{name}_i"
        if value in loop.phase:
            entry = f"{name}_ij"
            if loop.phase[value] == phase or entry in loaded:
                return entry
            loaded.add(entry)
            kept = f"{name}_row[j]" if value in self.temporary else f"{name}{self.cell}"
            lines.append(f"{entry} = {kept}")
            return entry
        kind = access(operand.shape, loop.lead, loop.columns, where == "i")
        assert kind is not None
        argument = self._array(value, kind)
        if kind == "full":  # read once: it may be written in the same place
            entry = f"{name}_ij"
            if entry not in loaded:
                loaded.add(entry)
                lines.append(f"{entry} = {argument}{self.cell}")
            return entry
        return argument + {"full": self.cell, "column": "[j]", "row": "[i]", "one": ""}[kind]

    def _array(self, value: Value, kind: str) -> str:
        """The argument in which an array is given."""
        name = self.names(value)
        for known in (name, f"{name}_{kind}"):
            if self.kernel.arrays.setdefault(known, (value, kind)) == (value, kind):
                return known
        raise AssertionError(name)


def _number(value: Value) -> int:
    return value.number
