"""Plan → the text of a module: one function for each loop, and one that runs them in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from retrograd.compile.calls import Call, called, definition
from retrograd.compile.items import Gemm, Item, Line, Loop, Plan, Scalar, Turn, made, taken
from retrograd.compile.kernel import Kernel
from retrograd.compile.lines import Lines
from retrograd.compile.loops import Writer
from retrograd.compile.lowered import Lowered
from retrograd.errors import CannotCompileError
from retrograd.program import Operand, Value


def emit(
    plan: Plan,
    name: str,
    in_place: Mapping[Value, Value] | None = None,
    *,
    apart: bool = False,
) -> Lowered:
    """The text of a plan.

    Args:
        plan: the plan.
        name: of the function that runs it.
        in_place: results that go into the memory of an input, by the result.
        apart: whether what is made of numbers alone is a function of its own, `name_numbers`, and
            given to the other one as a tuple.

    Raises:
        CannotCompileError: RG610, its arrays are not all of one float dtype, or a line has no text
            of its own.
    """
    return Emitter(plan, name, in_place or {}, apart).run()


class Emitter(Lines):
    """Writes the text of a plan.

    Args:
        plan: the plan.
        function: the name of the function that runs it.
        in_place: results that go into the memory of an input, by the result.
        apart: whether what is made of numbers alone is a function of its own.
    """

    shared = False  # whether loops are given the rows through which they go

    def __init__(
        self, plan: Plan, function: str, in_place: Mapping[Value, Value], apart: bool
    ) -> None:
        super().__init__(plan, function)
        self.function, self.in_place, self.apart = function, in_place, apart
        self.program = plan.program
        self.kernels: list[Kernel] = []
        self.rows: list[tuple[str, str]] = []  # that a loop keeps for itself, and their length
        self.makers = {v: n for n, item in enumerate(plan.items) for v in made(item)}
        self.stored = self._stored()
        leaves = list(self.program.result.leaves())
        results = [v for v in leaves if isinstance(v, Value) and v.shape]
        self.results = [v for v in results if v not in self.in_place]
        self.numbers = [v for v in leaves if not (isinstance(v, Value) and v.shape)]
        self.own = {v for v in self.results if v in self.stored and results.count(v) == 1}
        self.buffers: list[str] = []

    def _stored(self) -> set[Value]:
        """The arrays that need memory: those that go from one item to another, and results."""
        found: set[Value] = set()
        for n, item in enumerate(self.plan.items):
            for value in map(self.plan.stored, taken(item)):
                if value in self.makers and (
                    self.makers[value] != n or isinstance(item, Gemm | Turn)
                ):
                    found.add(value)
            if isinstance(item, Gemm | Turn):
                found.add(item.out)
            if isinstance(item, Loop):
                found |= {v for v in item.after if v.shape}
        found |= {self.plan.stored(v) for v in self.program.results}
        return {v for v in found if v.shape and v.dtype.kind == "f" and self._is_ours(v)}

    def _is_ours(self, value: Value) -> bool:
        """Whether a loop or a matrix product makes a value."""
        return value in self.makers and not isinstance(self.plan.items[self.makers[value]], Line)

    def run(self) -> Lowered:
        """The text, and what is known of it."""
        dtype = self._dtype()
        work = sorted(self.stored - self.own - set(self.in_place), key=lambda v: v.number)
        setup, copies = self._setup(work)
        functions = self._functions(setup, copies)
        text = [definition(kernel, self.name) for kernel in self.kernels]
        source = "\n".join([*sorted(self.imports), *text]) + "\n"
        lengths = "\n".join(self._lengths(work)) + "\n"
        inputs = [i.value for i in self.program.inputs]
        found = tuple(inputs), tuple(self.results), tuple(self.numbers)
        names = tuple(map(self.name, inputs)), (*self.names.dims, *setup), tuple(self.buffers)
        taken = frozenset(self.names.taken)
        runner = "\n".join(functions) + "\n"
        return Lowered(
            source,
            lengths,
            runner,
            *found,
            dtype,
            self.plan.is_whole,
            *names,
            taken,
            **self._parts(),
        )

    def _setup(self, work: list[Value]) -> tuple[list[str], list[str]]:
        """Lines that cut memory into arrays, and lines that copy results to where they belong."""
        names, setup, copies = self.names, ["end = 0"], list[str]()
        for value in self.results:
            own = value in self.own
            part = self.name(value) if own else names.free(f"{self.name(value)}_out")
            self.buffers.append(part)
            entries = names.entries(value)
            shape = names.shape(value) if own else f"({entries},)"
            setup.append(f"{part}, end = at(out, end, {shape})")
            if not own:
                copies.append(f"copy(shaped({self._array(value)}, ({entries},)), {part})")
        self.buffers += map(self.name, work)
        return [*setup, *names.slices("work", work)], copies

    def _functions(self, setup: list[str], copies: list[str]) -> list[str]:
        """The functions that run all loops in order, and what they need of memory after `setup`."""
        items, dims = self.plan.items, self.names.dims
        first = items[: self._count_first()] if self.apart else ()
        self.first = [self._item(item)[0] for item in first]
        self.known = [item.step.output for item in first if isinstance(item, Scalar)]
        body = self._body(items[len(first) :]) + copies
        self._add_rows(setup)
        self.body = tuple(body)
        if self.numbers:
            body.append(f"return {', '.join(map(self._returned, self.numbers))},")
        inputs = [i.value for i in self.program.inputs]
        given = [*map(self.name, (v for v in inputs if v.shape or not self.apart))]
        given += ["numbers"] if self.apart else []
        unpacked = self._unpacked() if self.apart else []
        text = self._numbers([v for v in inputs if not v.shape]) if self.apart else []
        head = "\n@kernel" if self.plan.is_whole else ""
        run = f"{self.function}_run({', '.join([*given, *self.buffers])})"
        text += [head, f"def {run}:"]
        text += [f"    {line}" for line in [*unpacked, *dims, *body] or ["pass"]]
        text += [head, f"def {self.function}({', '.join([*given, 'out', 'work'])}):"]
        return text + [f"    {line}" for line in [*dims, *setup, f"return {run}"]]

    def _body(self, items: Sequence[Item]) -> list[str]:
        """What is done, in order."""
        return [line for item in items for line in self._item(item)]

    def _returned(self, number: Operand) -> str:
        return self._number(number, self._dtype())

    def _add_rows(self, setup: list[str]) -> None:
        """Memory for what loops keep for themselves."""
        for row, length in self.rows:
            setup += self._row(row, length)
            self.buffers.append(row)

    def _row(self, row: str, length: str) -> list[str]:
        """Memory that a loop keeps for itself."""
        return [f"{row}, end = at(work, end, ({length},))"]

    def _row_length(self, length: str) -> str:
        """How much of it there is."""
        return length

    def _parts(self) -> dict[str, Any]:
        """What a training step is made of."""
        loss = self._returned(self.numbers[0]) if self.numbers else ""
        return {"segments": (self.body,), "loss": loss}

    def _dtype(self) -> np.dtype[Any]:
        made = {v.dtype for v in self.stored}
        if len(made) > 1 or any(d.kind != "f" for d in made):
            raise CannotCompileError("RG610", "its arrays are not all of one float dtype")
        return made.pop() if made else np.dtype(float)

    # numbers apart
    def _count_first(self) -> int:
        """How many items are operations on numbers that need nothing else."""
        kinds = [isinstance(item, Scalar) for item in self.plan.items]
        return kinds.index(False) if False in kinds else len(kinds)

    def _numbers(self, inputs: list[Value]) -> list[str]:
        """A function of the numbers alone."""
        given = ", ".join(map(self.name, inputs))
        made = ", ".join(map(self.name, [*inputs, *self.known]))
        lines = [*self.first, f"return {made},"]
        return ["\n@kernel", f"def {self.function}_numbers({given}):", *(f"    {t}" for t in lines)]

    def _unpacked(self) -> list[str]:
        inputs = [i.value for i in self.program.inputs if not i.value.shape]
        return [f"{', '.join(map(self.name, [*inputs, *self.known]))}, = numbers"]

    def _lengths(self, work: list[Value]) -> list[str]:
        """A function of the inputs that says how long `out` and `work` are."""
        names = self.names
        out = [names.entries(v) for v in self.results]
        kept = [names.entries(v) for v in work]
        kept += [self._row_length(length) for _, length in self.rows]
        shapes = ", ".join(map(names.shape, self.results))
        given = ", ".join(self.name(i.value) for i in self.program.inputs)
        given += ", parts" if self.shared else ""
        return [
            "",
            f"def {self.function}_lengths({given}):",
            *(f"    {line}" for line in names.dims),
            f"    return {' + '.join(out) or '0'}, {' + '.join(kept) or '0'}, [{shapes}]",
        ]

    def _item(self, item: Item) -> list[str]:
        return self._loop(item) if isinstance(item, Loop) else super()._item(item)

    # loops
    def _called(self, loop: Loop) -> Call:
        """A loop as a function, and how it is called."""
        name = self.names.free(f"{self.function}_{len(self.kernels) + 1}")
        in_place = self._in_place(loop)
        own = Writer(name, loop, self.name, self.stored, self.plan.stored, in_place, self.shared)
        call = called(own.run(), loop, self.names)
        self.kernels.append(call.kernel)
        self.rows += [(row, call.columns) for row in call.temporary]
        return call

    def _loop(self, loop: Loop) -> list[str]:
        call = self._called(loop)
        text = f"{call.kernel.name}({', '.join(call.arguments())})"
        returned = ", ".join(map(self.name, call.kernel.returns))
        return [f"{returned}, = {text}" if returned else text]

    def _in_place(self, loop: Loop) -> Mapping[Value, Value]:
        """The results of a loop that go into the memory of an input."""
        own = {r: i for r, i in self.in_place.items() if r in loop.phase}
        later = self.plan.items[self.plan.items.index(loop) + 1 :]
        read = {self.plan.stored(v) for item in later for v in taken(item)}
        if own and (max(loop.phase.values()) > 0 or not read.isdisjoint(own.values())):
            raise CannotCompileError("RG610", "an array is read again after it has changed")
        return own
