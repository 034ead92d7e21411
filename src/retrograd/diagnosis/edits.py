"""Changes of the user's own backward pass that make it right: what no cause declares is found here.

Each line is changed in the ways in which lines are wrong: another operand, an operand too many, a
slope left out or taken twice, a transpose, a term, a number, another axis. What a change does to
the gradients follows from the adjoints of the lines after it; where that fits, the changed pass is
run. It does not matter how the code is laid out: numbers in loops, single examples, blocks.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np

from retrograd.diagnosis.blocks import Block, Line, lines_of
from retrograd.diagnosis.edit import Edit, changed_step, differences, runs_of
from retrograd.diagnosis.entries import Entries
from retrograd.diagnosis.locate import Search
from retrograd.diagnosis.responses import Responses
from retrograd.diagnosis.tape import Tape
from retrograd.diagnosis.ways import WAYS
from retrograd.program import Value

_CLOSE = 1e-6
_TRIES = 60  # changes that are run


class Edits:
    """The search for such changes.

    Args:
        search: what is known of the user's backward pass.
        left: the wrong gradients.
        seconds: how long it may take.
    """

    def __init__(self, search: Search, left: Sequence[str], seconds: float) -> None:
        self.search, self.tape, self.left = search, search.tape, list(left)
        self.until = time.monotonic() + seconds
        self.entries = Entries(search.forward)
        self.responses = {
            n: Responses(self.tape, search.finals[n], search.right[n]) for n in self.left
        }
        self.responses = {n: r for n, r in self.responses.items() if r.adjoints}
        self.needed = self.tape.ancestors([search.finals[n] for n in self.left])

    def best(self, wanted: Sequence[str] = ()) -> Edit | None:
        """The change that makes most gradients right, those wanted among them; the likeliest."""
        found: list[Edit] = []
        for edit in islice(self._fitting(), _TRIES):
            if time.monotonic() > self.until:
                break
            arrays = self.tape.edited(runs_of(edit))
            repairs = self.search.repaired(arrays, self.left)
            if repairs and (not wanted or set(wanted) & set(repairs)):
                found.append(replace(edit, repairs=repairs, arrays=arrays))
        if not found:
            return None
        most = max(len(e.repairs) for e in found)
        likely = sorted((e for e in found if len(e.repairs) == most), key=_unlikely)
        return replace(likely[0], also=tuple(likely[1:]))

    def _fitting(self) -> Iterator[Edit]:
        """The changes that would make a wrong gradient right, by the adjoints."""
        for line in lines_of(self.tape):
            if time.monotonic() > self.until:
                return
            blocks = [b for b in line.blocks if self._counts(b)]
            if not blocks:
                continue
            line = replace(line, blocks=tuple(blocks))
            probe = _Probe(self, line)
            if not probe.names:
                continue
            for edit in self._of(line):
                k = probe.fits(edit)
                if k is not None:
                    yield replace(edit, factor=k)

    def _counts(self, block: Block) -> bool:
        """Whether a block makes something of a wrong gradient that is no forward quantity."""
        outputs = [run[k].output for k in block.outputs for run in block.runs]
        if not any(v in self.needed for v in outputs):
            return False
        floats = [v for v in outputs if v.dtype.kind == "f" and v in self.needed]
        return any(not self.entries.is_forward(self.tape.arrays[v]) for v in floats)

    def _is_right(self, line: Line) -> bool:
        """Whether all that a line makes are right quantities."""
        arrays = [
            b.stacked([run[k].output for run in b.runs]) for b in line.blocks for k in b.outputs
        ]
        return all(self.entries.kind(a) for a in arrays if a.dtype.kind == "f")

    def _of(self, line: Line) -> Iterator[Edit]:
        blocks = line.blocks
        if not self._is_right(line):
            yield Edit("scaled", line)
        first = blocks[0]
        outputs = [run[k].output for k in first.outputs for run in first.runs]
        if len(first.outputs) == 1:
            for others in self.aligned(line, -1):
                slopes = self._slopes(line, others)
                for slope in slopes:
                    yield Edit("slope", line, others, slope=slope)
                    yield Edit("without slope", line, others, slope=slope)
                if not any(v in outputs for v in others[0]):
                    yield Edit("term", line, others)
        same = [len(b.slots) == len(first.slots) for b in blocks]
        for slot in range(len(first.slots) if all(same) else 0):
            for others in self.aligned(line, slot):
                yield Edit("operand", line, others, slot)
                for slope in self._slopes(line, others):
                    yield Edit("operand slope", line, others, slot, slope=slope)
        names = [tuple(s.op.name for s in b.runs[0]) for b in blocks]
        if len(set(names)) == 1:
            yield from self._steps(line)

    def _steps(self, line: Line) -> Iterator[Edit]:
        for k, step in enumerate(line.blocks[0].runs[0]):
            for kind in ("dropped", "transposed"):
                for j in range(len(step.inputs)):
                    edit = Edit(kind, line, step=k, operand=j)
                    if all(changed_step(edit, run[k]) for b in line.blocks for run in b.runs[:1]):
                        yield edit
            for kind in ("product", "negated", "axis"):
                edit = Edit(kind, line, step=k, operand=1)
                if all(changed_step(edit, run[k]) for b in line.blocks for run in b.runs[:1]):
                    yield edit

    def _slopes(self, line: Line, others: tuple[tuple[Value, ...], ...]) -> list[tuple[Any, ...]]:
        """The slopes of the functions that these values go into, or come out of."""
        arrays = [b.stacked(v) for b, v in zip(line.blocks, others, strict=True)]
        return self.entries.slopes(arrays)

    # what could stand in the place of something else
    def aligned(self, line: Line, slot: int) -> Iterator[tuple[tuple[Value, ...], ...]]:
        """For each line of the user's, what it has made last before each run of this one."""
        wanted = [_values(b, slot) for b in line.blocks]
        if any(v.dtype.kind != "f" for values in wanted for v in values):
            return
        seen = {tuple(wanted)}
        shapes = [values[0].shape for values in wanted]
        starts = [[self.tape.place[run[0].output] for run in b.runs] for b in line.blocks]
        made = [[self.tape.place.get(v, -1) for v in values] for values in wanted]
        for shaped in self._sites:
            if any(shape not in shaped for shape in shapes):
                continue
            for way in WAYS if slot >= 0 else WAYS[:-2]:
                taken = []
                for shape, places, origins in zip(shapes, starts, made, strict=True):
                    own = shaped[shape]
                    numbers = way([n for n, _ in own], places, origins)
                    if numbers is None:
                        break
                    taken.append(tuple(own[n][1] for n in numbers))
                else:
                    if tuple(taken) not in seen:
                        seen.add(tuple(taken))
                        yield tuple(taken)

    @cached_property
    def _sites(self) -> list[dict[tuple[int, ...], list[tuple[int, Value]]]]:
        """Each line's results, by shape, in the order in which they were made; and the inputs."""
        tape, sites = self.tape, dict[object, dict[tuple[int, ...], list[tuple[int, Value]]]]()
        for item in tape.program.inputs:
            if item.value in tape.arrays and item.value.dtype.kind == "f":
                sites[item.value] = {item.value.shape: [(-1, item.value)]}
        for n, step in enumerate(tape.steps):
            value = step.output
            if value not in tape.arrays or value.dtype.kind != "f":
                continue
            where = step.where
            stack = tuple((p.file, p.function, p.line) for p in tape.calls.get(value, ())[1:])
            key = (where, step.op.name, stack) if where is not None else step
            sites.setdefault(key, {}).setdefault(value.shape, []).append((n, value))
        return list(sites.values())


def _values(block: Block, slot: int) -> tuple[Value, ...]:
    if slot < 0:
        return tuple(run[block.outputs[-1]].output for run in block.runs)
    return block.slots[slot][0]


class _Probe:
    """What changes of a line do to projections of the gradients."""

    def __init__(self, edits: Edits, line: Line) -> None:
        self.line, self.edits = line, edits
        inside = {run[k].output for b in line.blocks for k in b.outputs for run in b.runs}
        after = _deep(edits.tape, inside)
        self.names: list[str] = []
        self.felt: dict[str, list[dict[int, Any]]] = {}
        for name, responses in edits.responses.items():
            first = responses.adjoints[0]
            if not any(v in first for v in inside):
                continue
            if any(v in first and after[v] > 1 for v in inside):
                continue  # one run goes into another one: not the sum of what each does
            self.names.append(name)
            self.felt[name] = [
                {k: _stacked(b, k, responses.adjoints) for k in b.outputs} for b in line.blocks
            ]

    def fits(self, edit: Edit) -> float | None:
        """The number with which a change makes a wrong gradient right; None if there is none."""
        moved = []
        for n, block in enumerate(self.line.blocks):
            made = differences(edit, block, n)
            if made is None:
                return None
            moved.append(made)
        if not any(np.any(array) for made in moved for array in made.values()):
            return None
        for name in self.names:
            missing = np.array(self.edits.responses[name].missing)
            gained = np.zeros(len(missing))
            with np.errstate(all="ignore"):
                for felt, made in zip(self.felt[name], moved, strict=True):
                    for k, array in made.items():
                        gained = gained + felt[k] @ np.ravel(array)
            if not np.isfinite(gained).all():
                continue
            size = np.max(np.abs(missing))
            if edit.kind in ("scaled", "term"):
                with np.errstate(all="ignore"):
                    c = float(gained @ missing / (gained @ gained))
                if np.isfinite(c) and np.max(np.abs(missing - c * gained)) <= _CLOSE * size:
                    return c
            elif np.max(np.abs(missing - gained)) <= _CLOSE * size:
                return 1.0
        return None


def _deep(tape: Tape, values: set[Value]) -> dict[Value, int]:
    """How many of some values lie on the longest way to each of them."""
    deep: dict[Value, int] = {}
    for step in tape.steps:
        most = max((deep.get(v, 0) for v in step.values()), default=0)
        deep[step.output] = most + (step.output in values)
    return deep


def _stacked(block: Block, k: int, adjoints: Sequence[Mapping[Value, Any]]) -> Any:
    rows = []
    for adjoint in adjoints:
        parts = []
        for run in block.runs:
            value = run[k].output
            g = adjoint.get(value)
            parts.append(
                np.ravel(np.zeros(value.shape) if g is None else np.broadcast_to(g, value.shape))
            )
        rows.append(np.concatenate(parts))
    return np.stack(rows)


_KINDS = (
    "transposed",
    "product",
    "dropped",
    "negated",
    "slope",
    "without slope",
    "operand",
    "operand slope",
    "axis",
    "scaled",
    "term",
)


def _unlikely(edit: Edit) -> tuple[Any, ...]:
    plain_number = edit.kind not in ("scaled", "term") or abs(edit.factor) == 1
    kind, depth, place = _KINDS.index(edit.kind), -edit.line.depth, edit.line.place
    if edit.kind == "scaled":
        return kind, not plain_number, place, depth
    return kind, not plain_number, depth, place
