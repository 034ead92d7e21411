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
from itertools import islice
from typing import Any

from retrograd.diagnosis.alignment import Alignment
from retrograd.diagnosis.blocks import Block, Line, lines_of
from retrograd.diagnosis.edit import SOLVED, Edit, changed_step, runs_of
from retrograd.diagnosis.entries import Entries
from retrograd.diagnosis.indices import other_keys, strided
from retrograd.diagnosis.locate import Search
from retrograd.diagnosis.responses import Responses
from retrograd.diagnosis.trial import Trial
from retrograd.program import Value

_TRIES = 60  # changes that are run
_RUNS = 300  # changes of loops whose rounds build on one another


class Edits:
    """The search for such changes.

    Args:
        search: what is known of the user's backward pass.
        left: the wrong gradients.
        seconds: how long it may take.
    """

    def __init__(self, search: Search, left: Sequence[str], seconds: float) -> None:
        self.search, self.tape, self.left = search, search.tape, list(left)
        self.until = time.thread_time() + seconds
        self.entries = Entries(search.forward)
        self.responses = {
            n: Responses(self.tape, search.finals[n], search.right[n]) for n in self.left
        }
        self.responses = {n: r for n, r in self.responses.items() if r.adjoints}
        self.alignment = Alignment(self.tape)
        self.needed = self.tape.ancestors([search.finals[n] for n in self.left])

    def best(self, wanted: Sequence[str] = ()) -> Edit | None:
        """The change that makes most gradients right, those wanted among them; the likeliest."""
        found: list[Edit] = []
        for edit in islice(self._fitting(), _TRIES):
            if time.thread_time() > self.until:
                break
            made = edit if edit.repairs else self._tried(edit)
            if made is not None and (not wanted or set(wanted) & set(made.repairs)):
                found.append(made)
        if not found:
            return None
        most = max(len(e.repairs) for e in found)
        return min((e for e in found if len(e.repairs) == most), key=self._rank)

    def _rank(self, edit: Edit) -> tuple[Any, ...]:
        """The likeliest first; one known quantity for another one before the rest."""
        vague = False
        if edit.kind == "operand":
            block = edit.line.blocks[0]
            vague = not self.entries.kind(block.stacked(block.slots[edit.slot][0]))
        exact = edit.kind not in SOLVED or abs(edit.factor) == 1
        deep, first = -edit.line.depth, edit.line.place
        order = (first, deep) if edit.kind == "scaled" else (deep, first)
        return _KINDS.index(edit.kind), vague, not exact, *order

    def _tried(self, edit: Edit) -> Edit | None:
        """A change with what it makes right; None where it makes nothing right."""
        arrays = self.tape.edited(runs_of(edit))
        repairs = self.search.repaired(arrays, self.left)
        return replace(edit, repairs=repairs, arrays=arrays) if repairs else None

    def _fitting(self) -> Iterator[Edit]:
        """The changes that would make a wrong gradient right, by the adjoints."""
        lines = lines_of(self.tape)
        chained = [
            Edit("key", line, operand=component, steps=steps, keys=keys)
            for line, steps, keys, component in strided(lines)
        ]
        for line in lines:
            if time.thread_time() > self.until:
                return
            blocks = [b for b in line.blocks if self._counts(b)]
            if not blocks:
                if all(self._compares(b) for b in line.blocks):
                    chained += self._steps(line, _BY_RUNNING)
                continue
            line = replace(line, blocks=tuple(blocks))
            chained += self._steps(line, _BY_RUNNING)
            probe = Trial(self.tape, self.responses, line)
            to_run = probe.chained == set(probe.names)
            for edit in self._of(line):
                chained += [edit] if to_run and edit.kind not in SOLVED else []
                k = probe.fits(edit)
                if k is not None:
                    yield replace(edit, factor=k)
        for edit in sorted(chained, key=lambda e: _KINDS.index(e.kind))[:_RUNS]:
            if time.thread_time() > self.until:
                return
            tried = self._tried(edit)
            if tried is not None:
                yield tried

    def _compares(self, block: Block) -> bool:
        """Whether a block makes a mask that a wrong gradient is made with."""
        outputs = [run[k].output for k in block.outputs for run in block.runs]
        return bool(outputs) and all(v.dtype == bool and v in self.needed for v in outputs)

    def _counts(self, block: Block) -> bool:
        """Whether a block makes something of a wrong gradient that is no forward quantity."""
        outputs = [run[k].output for k in block.outputs for run in block.runs]
        if not any(v in self.needed for v in outputs):
            return False
        floats = [v for v in outputs if v.dtype.kind == "f" and v in self.needed]
        return any(not self.entries.is_forward(self.tape.arrays[v]) for v in floats)

    def _is_right(self, line: Line) -> bool:
        """Whether all that a line makes are right quantities."""
        arrays = [b.made(k) for b in line.blocks for k in b.outputs]
        return all(self.entries.kind(a) for a in arrays if a.dtype.kind == "f")

    def _of(self, line: Line) -> Iterator[Edit]:
        blocks = line.blocks
        if not self._is_right(line):
            yield Edit("scaled", line)
        first = blocks[0]
        outputs = [run[k].output for k in first.outputs for run in first.runs]
        if len(first.outputs) == 1:
            for others in self.alignment.different(line, -1):
                slopes = self._slopes(line, others)
                for slope in slopes:
                    for kind in ("slope", "without slope", "as slope"):
                        yield Edit(kind, line, others, slope=slope)
                if not any(v in outputs for v in others[0]):
                    yield Edit("term", line, others)
                    if self._is_gate(line, others):
                        yield Edit("factor", line, others)
        for slot in range(min(len(b.slots) for b in blocks)):
            if len({tuple(b.slots[slot][1][:1]) for b in blocks}) > 1:
                continue
            for others in self.alignment.different(line, slot):
                yield Edit("operand", line, others, slot)
                for slope in self._slopes(line, others):
                    yield Edit("operand slope", line, others, slot, slope=slope)
                    yield Edit("operand as slope", line, others, slot, slope=slope)
                if self._is_gate(line, others):
                    yield Edit("operand factor", line, others, slot)
            yield Edit("operand scaled", line, slot=slot)
            if all(b.is_given(slot) and len(b.slots[slot][0][0].shape) > 1 for b in blocks):
                yield Edit("flipped", line, slot=slot)
            turned = [self.entries.turned(b.stacked(b.slots[slot][0])) for b in blocks]
            if all(t is not None for t in turned):
                yield Edit("entries", line, slot=slot, slope=tuple(turned))
        yield from self._steps(line, _BY_SLOPE)
        for steps, keys, component in other_keys(line):
            yield Edit("key", line, operand=component, steps=steps, keys=keys)

    def _is_gate(self, line: Line, others: tuple[tuple[Value, ...], ...]) -> bool:
        """Whether these are forward quantities, with which something may be multiplied."""
        arrays = [b.stacked(v) for b, v in zip(line.blocks, others, strict=True)]
        return all(self.entries.is_forward(a) for a in arrays)

    @staticmethod
    def _steps(line: Line, kinds: Mapping[str, int]) -> Iterator[Edit]:
        """The changes of single steps; of each kind, that many."""
        if len({tuple(s.op.name for s in b.runs[0]) for b in line.blocks}) > 1:
            return
        for k in range(len(line.blocks[0].runs[0])):
            for kind, count in kinds.items():
                for j in range(count):
                    edit = Edit(kind, line, step=k, operand=j)
                    if all(changed_step(edit, b.runs[0][k]) for b in line.blocks):
                        yield edit

    def _slopes(self, line: Line, others: tuple[tuple[Value, ...], ...]) -> list[tuple[Any, ...]]:
        """The slopes of the functions that these values go into, or come out of."""
        arrays = [b.stacked(v) for b, v in zip(line.blocks, others, strict=True)]
        return self.entries.slopes(arrays)


_BY_SLOPE = {"dropped": 2, "transposed": 2, "product": 1, "negated": 1, "axis": 1}
_BY_RUNNING = {"compared": 3, "entries product": 1, "axis kept": 1}
_KINDS = (
    "transposed",
    "entries",
    "product",
    "entries product",
    "compared",
    "dropped",
    "negated",
    "slope",
    "without slope",
    "operand",
    "operand slope",
    "operand as slope",
    "as slope",
    "axis",
    "axis kept",
    "key",
    "flipped",
    "scaled",
    "operand scaled",
    "term",
    "operand factor",
    "factor",
)
