"""Run a text once and keep what each of its lines made."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

import numpy as np

from retrograd.program import Program, Step, Value
from retrograd.write import Line, Written, load


@dataclass(frozen=True)
class Row:
    """One value and the lines that make it.

    Attributes:
        label: "3" for a line of the forward pass, "B3" for one of the backward pass.
        name: the name of the value.
        code: its lines.
        value: the value.
        steps: the steps that the lines run, the last one first.
        backward: whether it belongs to the backward pass.
        result: the array or number that came of it in this run.
    """

    label: str
    name: str
    code: tuple[str, ...]
    value: Value
    steps: tuple[Step, ...]
    backward: bool
    result: Any


@dataclass(frozen=True)
class Ran:
    """A text, and one run of it.

    Attributes:
        program: the program behind the text.
        written: the text.
        rows: its values in order, with their lines.
        values: what every named value was, inputs included.
        shared: gradients that are another line's array: its name for theirs, such as db for dz.
    """

    program: Program
    written: Written
    rows: tuple[Row, ...]
    values: Mapping[Value, Any]
    shared: tuple[tuple[str, str], ...] = ()

    def row(self, name: str) -> Row | None:
        """The row with a label or a name, the last one that has it."""
        found = [r for r in self.rows if name in (r.label, r.name)]
        return found[-1] if found else None


def run(
    program: Program, written: Written, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Ran:
    """Run a text on arguments, and remember what each line made."""
    groups = _groups(written.lines)
    ends = _last_lines(written, groups)
    made = _watched(written, args, kwargs, ends)
    values = _inputs(program, written, made[-1])
    rows = []
    counts = {False: 0, True: 0}
    for number, group in enumerate(groups):
        first, value = group[0], group[-1].value
        if value is None or not first.steps or first.steps[0].op.checks:
            continue
        steps = tuple(s for line in reversed(group) for s in line.steps)
        counts[first.backward] += 1
        label = f"{'B' if first.backward else ''}{counts[first.backward]}"
        name = written.names[value]
        values[value] = made[number][name]
        rows.append(
            Row(
                label,
                name,
                tuple(line.code for line in group),
                value,
                steps,
                first.backward,
                made[number][name],
            )
        )
    return Ran(program, written, tuple(rows), values)


def _groups(lines: Sequence[Line]) -> list[list[Line]]:
    """The lines of one value together."""
    groups: list[list[Line]] = []
    for line in lines:
        if groups and (not line.steps or _goes_on(groups[-1], line)):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _goes_on(group: Sequence[Line], line: Line) -> bool:
    """Whether a line changes the array of the lines before it, as `dz /= N` does."""
    return (
        bool(line.steps)
        and group[-1].value in list(line.steps[0].inputs)
        and (
            line.code.partition(" ")[0].partition("[")[0] == group[0].code.partition(" ")[0]
            and line.code.partition("=")[0].strip()[-1:] in "+-*/]"
            and line.backward == group[0].backward
        )
    )


def _last_lines(written: Written, groups: Sequence[Sequence[Line]]) -> dict[int, list[int]]:
    """For each line of the source on which a group ends, the numbers of those groups."""
    source = written.source.splitlines()
    at = 0
    ends: dict[int, list[int]] = {}
    for number, group in enumerate(groups):
        for line in group:
            while not source[at].strip().startswith(line.code.strip()):
                at += 1
            at += 1
        ends.setdefault(at, []).append(number)
    return ends


def _watched(
    written: Written,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    ends: Mapping[int, list[int]],
) -> dict[int, dict[str, Any]]:
    """Run the text; a copy of its variables after each group of lines, and at the start (-1)."""
    function = load(written)
    code = function.__code__
    made: dict[int, dict[str, Any]] = {}
    last = 0

    def keep(number: int, variables: Mapping[str, Any]) -> None:
        made[number] = {
            k: v.copy() if isinstance(v, np.ndarray) else v for k, v in variables.items()
        }

    def watch(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal last
        if frame.f_code is not code:
            return None
        if event in ("line", "return"):
            for number in ends.get(last, ()):
                keep(number, frame.f_locals)
            last = frame.f_lineno
        elif event == "call":
            keep(-1, frame.f_locals)
        return watch

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        with np.errstate(all="ignore"):
            function(*args, **kwargs)
    finally:
        sys.settrace(before)
    return made


def _inputs(program: Program, written: Written, variables: Mapping[str, Any]) -> dict[Value, Any]:
    values = {}
    for item in program.inputs:
        name = written.names[item.value]
        if item.leaf is not None and item.leaf.path:
            values[item.value] = item.leaf.get(variables[item.leaf.parameter])
        else:
            values[item.value] = variables[name]
    return values
