"""What could stand in the place of something else: the arrays of other lines, run by run.

In a loop it is not enough that two lines make arrays of one shape: which of them belongs to which
round follows from when they were made, or from the places that numbers have in lists.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from retrograd.diagnosis.blocks import Block, Line
from retrograd.diagnosis.lists import Family, families
from retrograd.diagnosis.tape import Tape
from retrograd.diagnosis.ways import WAYS
from retrograd.program import Value


class Alignment:
    """What other lines have made, for each run of a line.

    Args:
        tape: the user's backward pass.
    """

    def __init__(self, tape: Tape) -> None:
        self.tape = tape

    def different(self, line: Line, slot: int) -> Iterator[tuple[tuple[Value, ...], ...]]:
        """What is aligned, without the same numbers twice."""
        seen: set[bytes] = set()
        for others in self._aligned(line, slot):
            arrays = [b.stacked(v) for b, v in zip(line.blocks, others, strict=True)]
            key = b"".join(a.tobytes() for a in arrays)
            if key not in seen:
                seen.add(key)
                yield others

    def _aligned(self, line: Line, slot: int) -> Iterator[tuple[tuple[Value, ...], ...]]:
        """For each line of the user's, what it has made last before each run of this one."""
        wanted = [_values(b, slot) for b in line.blocks]
        if any(v.dtype.kind != "f" for values in wanted for v in values):
            return
        seen = {tuple(wanted)}
        shapes = [values[0].shape for values in wanted]
        starts = [[self.tape.place[run[0].output] for run in b.runs] for b in line.blocks]
        made = [[self.tape.place.get(v, -1) for v in values] for values in wanted]
        for parents in _parents(self.tape, wanted):
            if parents not in seen:
                seen.add(parents)
                yield parents
        for partners in self._partners(wanted, starts):
            if partners not in seen:
                seen.add(partners)
                yield partners
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

    def _partners(
        self, wanted: Sequence[tuple[Value, ...]], starts: Sequence[Sequence[int]]
    ) -> Iterator[tuple[tuple[Value, ...], ...]]:
        """For numbers of a list, those at the same places of another list."""
        if any(v.shape for values in wanted for v in values):
            return
        for family, places in self._families:
            if not all(v in places for values in wanted for v in values):
                continue
            lengths = [len(some) for some in family]
            for other, _ in self._families:
                if other is family or [len(some) for some in other] != lengths:
                    continue
                found = tuple(
                    tuple(other[places[v][0]][places[v][1]] for v in values) for values in wanted
                )
                made = self.tape.place
                if all(
                    made.get(v, -1) < start
                    for values, own in zip(found, starts, strict=True)
                    for v, start in zip(values, own, strict=True)
                ):
                    yield found

    @cached_property
    def _families(self) -> list[tuple[Family, dict[Value, tuple[int, int]]]]:
        """The lists of the tape, and where each of their numbers stands."""
        found = []
        for family in families(self.tape, set(self.tape.arrays)):
            places: dict[Value, tuple[int, int]] = {}
            for n, some in enumerate(family):
                places |= {v: (n, k) for k, v in enumerate(some)}
            found.append((family, places))
        return found

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


def _parents(
    tape: Tape, wanted: Sequence[tuple[Value, ...]]
) -> Iterator[tuple[tuple[Value, ...], ...]]:
    """What the operands were made of, such as a weight before its update."""
    steps = [[tape.steps[tape.place[v]] for v in vs if v in tape.place] for vs in wanted]
    if any(len(s) != len(vs) for s, vs in zip(steps, wanted, strict=True)):
        return
    for j in range(min((len(s.inputs) for some in steps for s in some), default=0)):
        parents = tuple(tuple(s.inputs[j] for s in some) for some in steps)
        fits = all(
            isinstance(p, Value) and p.shape == v.shape and p.dtype.kind == "f"
            for ps, vs in zip(parents, wanted, strict=True)
            for p, v in zip(ps, vs, strict=True)
        )
        if fits:
            yield parents  # type: ignore[misc]
