"""Plan → text for several threads: rows in parts, and waiting only where it must be.

    t1 = x @ W1         rows of t1 need the same rows of x         │ part by part:
    z1 = t1 + b1 ...    the same                                   │ one item after the other
    ───────────────── wait ─────────────────
    dW1 = x.T @ dz1     a row of dW1 needs all rows of dz1         │ part by part: rows of dW1
    db1 = dz1.sum(0)    the sum of what has been added up in parts │ with the first part

What needs no waiting comes first, so that a step of a dense network has two segments. Numbers are
made again where they are used, so that a thread which comes late finds nothing changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from retrograd.compile.emit import Emitter
from retrograd.compile.items import Check, Gemm, Item, Loop, Plan, Scalar, Turn
from retrograd.compile.lowered import FIRST, Lowered
from retrograd.program import Value

SUMS = "sums"  # what the parts have added up, each for itself

Made = Value | tuple[str, Value]


@dataclass
class _Call:
    """A statement, and when it may run.

    Attributes:
        lines: of text.
        reads: what it reads, and of which rows a part reads its share; "" is all of it.
        makes: what it makes, and of which rows a part makes its share, or which part makes it.
    """

    lines: list[str]
    reads: list[tuple[Made, str]] = field(default_factory=list)
    makes: dict[Made, str] = field(default_factory=dict)


def emit_shared(plan: Plan, name: str, batch: Sequence[Value]) -> Lowered:
    """The text of a plan for several threads: `segments` instead of a function that runs it.

    Args:
        plan: the plan.
        name: what its functions' names begin with.
        batch: the inputs whose rows are taken from the data in parts.

    Raises:
        CannotCompileError: RG610, as `emit` says it.
    """
    return _SharedEmitter(plan, name, batch).run()


class _SharedEmitter(Emitter):
    shared = True

    def __init__(self, plan: Plan, function: str, batch: Sequence[Value]) -> None:
        super().__init__(plan, function, {}, False)
        self.state: dict[Made, str] = {v: self.names.size(v)[0] for v in batch if v.shape}
        self.made_of: dict[Value, _Call] = {}  # numbers
        self.ranges: dict[str, tuple[str, str]] = {}  # first and last row of a part, by their count
        self.segments: list[list[str]] = []
        self.unmade: set[Made] = set()

    def _functions(self, setup: list[str], copies: list[str]) -> list[str]:
        """None: what is done, in order, are the segments; what needs no waiting comes first."""
        calls = [call for item in self.plan.items for call in self._calls(item)]
        self.unmade = {value for call in calls for value in call.makes}
        if copies:
            lines = ["if part == 0:", *(f"    {line}" for line in copies)]
            calls.append(_Call(lines, [(self.plan.stored(v), "") for v in self.results]))
        known, reads = set[Value](), list[tuple[Made, str]]()
        while calls:
            left: list[_Call] = []
            lines, known, reads = list[str](), set[Value](), list[tuple[Made, str]]()
            for call in calls:
                if any(self._waits(value, rows) for value, rows in call.reads):
                    left.append(call)
                    continue
                lines += [t for v, _ in call.reads for t in self._number_lines(v, known)]
                lines += call.lines
                reads += [found for v, rows in call.reads for found in self._read(v, rows)]
                self.state |= {v: rows for v, rows in call.makes.items() if rows}
                self.unmade -= set(call.makes)
            self.segments.append(self._ranged(lines))
            calls = left
            if left:
                self.state.clear()
        ends = [v for v in self.numbers if isinstance(v, Value)]
        reads += [found for v in ends for found in self._read(v, "")]
        if any(self._waits(v, "") for v in ends) or self._changes(reads):
            self.segments.append([])
            self.state.clear()
            known = set()
        self.segments[-1] += [t for v in ends for t in self._number_lines(v, known)]
        self._add_rows(setup)
        return []

    def _waits(self, value: Made, rows: str) -> bool:
        """Whether something is not made yet, or by other parts of this segment."""
        if isinstance(value, Value) and value in self.made_of:
            return any(self._waits(v, r) for v, r in self.made_of[value].reads)
        own = self.state.get(value, rows)
        return value in self.unmade or own != rows or own == SUMS

    def _read(self, value: Made, rows: str) -> list[tuple[Made, str]]:
        """What is read where a value is, itself or what a number is made of."""
        if not isinstance(value, Value) or value not in self.made_of:
            return [(value, rows)]
        return [found for v, r in self.made_of[value].reads for found in self._read(v, r)]

    def _changes(self, reads: Sequence[tuple[Made, str]]) -> bool:
        """Whether a part would update what other parts of the last segment still read."""
        moved = {self.program.gradient_of.get(v): self._share(v) for v in self.results}
        return any(value in moved and moved[value] != rows for value, rows in reads)

    def _share(self, result: Value) -> str:
        """Of which rows of a result a part makes its share."""
        return self.state.get(result, "") if result in self.own else FIRST

    def _number_lines(self, value: Made, known: set[Value]) -> list[str]:
        """The lines that make a number, and those that it is made of; not those that are known."""
        if not isinstance(value, Value) or value not in self.made_of or value in known:
            return []
        known.add(value)
        call = self.made_of[value]
        before = [line for v, _ in call.reads for line in self._number_lines(v, known)]
        return before + call.lines

    def _ranged(self, lines: list[str]) -> list[str]:
        """The lines of a segment, with the rows of a part where they are first used."""
        ranges = [
            f"{first}, {last} = share({rows}, part, parts)"
            for rows, (first, last) in self.ranges.items()
            if any(first in line for line in lines)
        ]
        return ranges + lines

    def _calls(self, item: Item) -> list[_Call]:
        if isinstance(item, Loop):
            return self._loop_calls(item)
        if isinstance(item, Gemm):
            return [self._gemm_call(item)]
        if isinstance(item, Turn):
            rows = self.names.size(item.out)[0]
            line = f"{self._item(item)[0][:-1]}, {', '.join(self._range(rows))})"
            return [_Call([line], [(self.plan.stored(item.source), "")], {item.out: rows})]
        if isinstance(item, Check):
            return [self._check_call(item)]
        assert isinstance(item, Scalar)
        reads: list[tuple[Made, str]] = [(self.plan.stored(v), "") for v in item.step.values()]
        self.made_of[item.step.output] = _Call(self._item(item), reads)
        return []

    def _range(self, rows: str) -> tuple[str, str]:
        """The first row of a part, and the one after the last."""
        if rows not in self.ranges:
            self.ranges[rows] = self.names.free("first"), self.names.free("last")
        return self.ranges[rows]

    def _gemm_call(self, item: Gemm) -> _Call:
        rows = self.names.size(item.out)[0]
        left, right = item.left, item.right
        own = "" if left.transposed else rows
        line = f"{self._item(item)[0][:-1]}, {', '.join(self._range(rows))})"
        reads: list[tuple[Made, str]] = [(self.plan.stored(left.value), own)]
        return _Call([line], [*reads, (self.plan.stored(right.value), "")], {item.out: rows})

    def _check_call(self, item: Check) -> _Call:
        labels = item.step.inputs[0]
        assert isinstance(labels, Value)
        rows = self.names.size(labels)[0] if len(labels.shape) == 1 else ""
        lines = self._checked(item.step)
        if rows:
            lines[0] = f"{lines[0][:-1]}[{':'.join(self._range(rows))}]:"
        return _Call(lines, [(self.plan.stored(labels), rows)])

    def _loop_calls(self, loop: Loop) -> list[_Call]:
        call = self._called(loop)
        kernel, rows = call.kernel, call.rows
        made = {s.output for s in loop.steps}
        reads: list[tuple[Made, str]] = []
        makes: dict[Made, str] = {}
        own = self._range(rows)
        arguments, adding = call.arguments(own if call.flat else None), list[_Call]()
        for place, row in enumerate(call.temporary, 2):
            arguments[place] = f"{row}[part]"
        start = 2 + len(call.temporary)
        for place, (value, kind) in enumerate(kernel.arrays.values(), start):
            if value not in made:
                reads.append((value, rows if kind in ("full", "row") else ""))
            elif value in loop.after:
                sums = self._sums(value, "1" if kind == "cell" else call.columns)
                arguments[place] = f"{sums}[part]"
                flat = f"shaped({self.name(value)}, ({self.names.entries(value)},))"
                lines = ["if part == 0:", f"    add_parts({sums}, {flat})"]
                adding.append(_Call(lines, [((SUMS, value), "")], {value: FIRST}))
                makes[SUMS, value] = SUMS
            else:
                makes[value] = rows
        arguments += own if kernel.shared else ()
        text = f"{kernel.name}({', '.join(arguments)})"
        returned = []
        for value in kernel.returns:
            sums = self._sums(value, "1")
            returned.append(f"{sums}[part, 0]")
            line = f"{self.name(value)} = add_numbers({sums})"
            self.made_of[value] = _Call([line], [((SUMS, value), "")])
            makes[SUMS, value] = SUMS
        if returned:
            text = f"{', '.join(returned)}, = {text}"
        return [_Call([text], reads, makes), *adding]

    def _sums(self, value: Value, length: str) -> str:
        """Memory for what each part adds up."""
        name = self.names.free(f"{self.name(value)}_parts")
        self.rows.append((name, length))
        return name

    def _row(self, row: str, length: str) -> list[str]:
        return [
            f"{row}, end = at(work, end, (parts, {length}))",
        ]

    def _row_length(self, length: str) -> str:
        return f"parts * ({length})"

    def _parts(self) -> dict[str, Any]:
        segments = tuple(map(tuple, self.segments))
        return {
            "shares": tuple(map(self._share, self.results)),
            "segments": segments,
            "loss": self._returned(self.numbers[0]),
        }
