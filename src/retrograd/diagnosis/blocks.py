"""The user's backward pass line by line: each run of a line, with what goes into it and comes out.

Runs of one line that do the same are a block. A block is computed again with one of its operands or
one of its steps replaced, all runs at once, without running the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from retrograd.diagnosis.tape import CANNOT_RUN, Tape
from retrograd.program import Step, Value
from retrograd.report import Position

_LONG = 40  # steps of one run of a line, those of the functions that it calls included

Place = tuple[int, int]  # a step of a block and one of its operands
Change = Callable[..., Any]  # a step of a block, computed in another way


@dataclass(frozen=True, eq=False)
class Block:
    """Runs of one line that take the same steps on arrays of the same shapes.

    Attributes:
        tape: the backward pass.
        where: the line.
        depth: how many calls lead to it.
        runs: the steps of each run.
    """

    tape: Tape
    where: Position
    depth: int
    runs: tuple[tuple[Step, ...], ...]

    @cached_property
    def slots(self) -> list[tuple[tuple[Value, ...], list[Place]]]:
        """What goes into it: the values, one for each run, and the operands that they are.

        A part of an array that is taken on the line itself counts as well.
        """
        found: dict[tuple[Value, ...], list[Place]] = {}
        made = [{s.output: k for k, s in enumerate(run)} for run in self.runs]
        for k, step in enumerate(self.runs[0]):
            for j, operand in enumerate(step.inputs):
                inside = made[0].get(operand) if isinstance(operand, Value) else None
                taken = inside is None or self.runs[0][inside].op.name == "index"
                if isinstance(operand, Value) and taken:
                    values = tuple(run[k].inputs[j] for run in self.runs)
                    if all(isinstance(v, Value) for v in values):
                        found.setdefault(values, []).append((k, j))  # type: ignore[arg-type]
        return list(found.items())

    def is_given(self, slot: int) -> bool:
        """Whether what a slot holds is made before the line runs."""
        return self.slots[slot][0][0] not in {s.output for s in self.runs[0]}

    @cached_property
    def outputs(self) -> list[int]:
        """The steps whose results are used elsewhere."""
        inside = {s.output for run in self.runs for s in run}
        leaves = {v for v in self.tape.program.result.leaves() if isinstance(v, Value)}
        return [
            k
            for k, step in enumerate(self.runs[0])
            if step.output in leaves
            or any(u.output not in inside for u in self.tape.users.get(step.output, ()))
            or any(
                u.output not in {s.output for s in run}
                for run in self.runs
                for u in self.tape.users.get(run[k].output, ())
            )
        ]

    def stacked(self, values: Sequence[Value]) -> Any:
        """The arrays of one value of each run."""
        return np.stack([np.asarray(self.tape.arrays[v]) for v in values])

    def made(self, k: int) -> Any:
        """What a step makes in each run, stacked."""
        return self.taken(k, -1)

    def outcome(
        self, operands: Mapping[Place, Any], steps: Mapping[int, Change | tuple[Change, ...]]
    ) -> dict[int, Any] | None:
        """The results that differ with operands or steps replaced, stacked; None: it cannot run.

        Args:
            operands: arrays in place of operands, one for each run along the first axis.
            steps: functions in place of steps, or one for each run.
        """
        made: dict[int, Any] = {}
        known = self._inside
        with np.errstate(all="ignore"):
            for k, step in enumerate(self.runs[0]):
                inputs = known[k]
                touched = k in steps or any(
                    (k, j) in operands or (type(i) is int and i in made)
                    for j, i in enumerate(inputs)
                )
                if not touched:
                    continue
                try:
                    array = self._computed(k, step, operands, steps.get(k), made)
                except CANNOT_RUN:
                    return None
                if array is None:
                    return None
                made[k] = array
        return {k: made[k] for k in self.outputs if k in made}

    def _computed(
        self,
        k: int,
        step: Step,
        operands: Mapping[Place, Any],
        change: Change | tuple[Change, ...] | None,
        made: Mapping[int, Any],
    ) -> Any:
        arrays = []
        for j, i in enumerate(self._inside[k]):
            if (k, j) in operands:
                arrays.append(operands[k, j])
            elif type(i) is int:
                arrays.append(made[i] if i in made else self.taken(i, -1))
            else:
                arrays.append(self.taken(k, j))
        if step.op.elementwise and change is None and not step.params:
            rank = max(a.ndim for a in arrays)
            wide = [a.reshape(len(a), *(1,) * (rank - a.ndim), *a.shape[1:]) for a in arrays]
            return np.asarray(step.op.run(*wide))
        results = []
        for n, run in enumerate(self.runs):
            params = self.tape.params[run[k].output]
            own, new = [a[n] for a in arrays], change[n] if isinstance(change, tuple) else change
            results.append(np.asarray(new(*own) if new else run[k].op.run(*own, **params)))
        if len({r.shape for r in results}) != 1:
            return None
        return np.stack(results)

    @cached_property
    def _inside(self) -> list[list[int | None]]:
        """For each operand of each step, the step of the block that makes it."""
        made = {s.output: k for k, s in enumerate(self.runs[0])}
        return [
            [made.get(i) if isinstance(i, Value) else None for i in s.inputs] for s in self.runs[0]
        ]

    def taken(self, k: int, j: int) -> Any:
        """An operand of a step in each run, or with -1 its result."""
        key = (k, j)
        if key not in self._arrays:
            operands = [run[k].output if j < 0 else run[k].inputs[j] for run in self.runs]
            self._arrays[key] = np.stack([np.asarray(self.tape.array(o)) for o in operands])
        return self._arrays[key]

    @cached_property
    def _arrays(self) -> dict[Place, Any]:
        return {}


@dataclass(frozen=True, eq=False)
class Line:
    """A line of the user's, with the calls that lead to it, and its blocks."""

    where: Position
    depth: int
    blocks: tuple[Block, ...]

    @property
    def place(self) -> int:
        """Where its first run stands in the order of the steps."""
        return min(b.tape.place[b.runs[0][0].output] for b in self.blocks)


def lines_of(tape: Tape) -> list[Line]:
    """The lines of a tape, in the order in which they first run."""
    runs: dict[object, list[tuple[Step, ...]]] = {}
    for depth in range(max((len(c) for c in tape.calls.values()), default=0)):
        for key, steps in _runs(tape, depth):
            if len(steps) <= _LONG:
                runs.setdefault(key, []).append(tuple(steps))
    found = []
    for key, some in runs.items():
        kinds: dict[object, list[tuple[Step, ...]]] = {}
        for run in some:
            if all(s.output in tape.arrays for s in run):
                kinds.setdefault(_kind(run), []).append(run)
        depth = len(key)  # type: ignore[arg-type]
        where = next((tape.calls[s.output][-depth] for r in some for s in r), None)
        if where is not None and kinds:
            blocks = tuple(Block(tape, where, depth, tuple(same)) for same in kinds.values())
            found.append(Line(where, depth, blocks))
    return sorted(found + _shared(found), key=lambda line: (line.place, line.depth))


def _shared(lines: list[Line]) -> list[Line]:
    """The lines of functions that are called from several places, whoever calls them."""
    groups: dict[object, list[Line]] = {}
    for line in lines:
        where = line.where
        groups.setdefault((where.file, where.function, where.line), []).append(line)
    return [
        Line(some[0].where, some[0].depth, tuple(b for line in some for b in line.blocks))
        for some in groups.values()
        if len(some) > 1
    ]


def _runs(tape: Tape, depth: int) -> Iterator[tuple[object, list[Step]]]:
    """The runs of the lines to which `depth` calls lead."""
    key: object = None
    run: list[Step] = []
    seen: set[object] = set()
    last = 0  # how many steps there are up to the last one that stands on the line itself
    for step in tape.steps:
        calls = tape.calls.get(step.output, ())[::-1]
        own = None
        if len(calls) > depth:
            own = tuple((p.file, p.function, p.line) for p in calls[: depth + 1])
        if own != key:
            if key is not None and run:
                yield key, run
            key, run, seen, last = own, [], set(), 0
        if own is None:
            continue
        place = calls, step.op.name
        if place in seen and last:  # the line runs once more
            yield key, run[:last]
            run = run[last:]
            seen, last = {(tape.calls[s.output][::-1], s.op.name) for s in run}, 0
        run.append(step)
        if len(calls) == depth + 1:
            last = len(run)
        seen.add(place)
    if key is not None and run:
        yield key, run


def _kind(run: Sequence[Step]) -> object:
    """What runs of the same line have in common."""
    made = {s.output: k for k, s in enumerate(run)}
    slots: dict[Value, int] = {}
    kind = []
    for step in run:
        operands: list[object] = []
        for i in step.inputs:
            if not isinstance(i, Value):
                operands.append("constant")
            elif i in made:
                operands.append(made[i])
            else:
                operands.append(("slot", slots.setdefault(i, len(slots)), i.shape))
        kind.append((step.op.name, tuple(operands), step.output.shape))
    return tuple(kind)
