"""Lists of numbers that loops make and take, as the arrays that they would be in NumPy.

A loop over units makes one number at a time; what its runs take or make, in order and each once, is
a layer's vector. It does not matter whether it was appended to, indexed or zipped, nor that some
of its numbers come from another branch of an `if`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from retrograd.diagnosis.tape import Tape
from retrograd.program import Operand, Step, Value

_LAYERS = 6  # that one loop may run over
_OPERANDS = 3  # of an operation; more are those of a list
_ALONE = 24  # runs of a loop that are looked at one by one


Family = list[tuple[Value, ...]]  # the lists of one line, one for each time that it makes one


def lists_of(tape: Tape, wanted: set[Value]) -> list[tuple[Value, ...]]:
    """The lists of a tape: for each run of a loop, and for one layer in all runs of it.

    Args:
        tape: the tape.
        wanted: the values that count.
    """
    found = (values for family in families(tape, wanted) for values in _joined(family))
    return list(dict.fromkeys(found))


def families(tape: Tape, wanted: set[Value]) -> list[Family]:
    """The lists of a tape, those that one line makes or takes together."""
    lines: dict[object, int] = {}
    ids = [lines.setdefault(_line(step), len(lines)) for step in tape.steps]
    sites: dict[object, list[int]] = {}
    found: list[Family] = []
    for n, step in enumerate(tape.steps):
        if step.where is None or any(v.shape for v in step.values()):
            continue
        calls = tape.calls.get(step.output, ())[1:]
        sites.setdefault((step.where, step.op.name, len(step.inputs), calls), []).append(n)
    for places in sites.values():
        steps = [tape.steps[n] for n in places]
        if len(steps[0].inputs) > _OPERANDS:  # an array of numbers
            found.append([_distinct(s.inputs, wanted) for s in steps])
        elif len(places) > 1:
            groups = [[tape.steps[n] for n in group] for group in _groups(places, ids)]
            for k in range(-1, len(steps[0].inputs)):
                taken = [[s.output if k < 0 else s.inputs[k] for s in group] for group in groups]
                found.append([_distinct(some, wanted) for some in taken])
    found += _handed_on(tape, wanted)
    whole = [[values for values in family if values] for family in found]
    return [family for family in whole if family]


def _handed_on(tape: Tape, wanted: set[Value]) -> Iterator[Family]:
    """The lists that lines without operations hand on, and that assignments leave behind."""
    known = {v.number: v for v in tape.arrays}
    handed: dict[object, Family] = {}
    moved = [(False, m.where, m.values) for m in tape.moves]
    for stored, where, numbers in moved + [(True, s.where, s.values) for s in tape.stores]:
        values = [known[n] for n in numbers if n in known]
        if len(values) == len(numbers):
            handed.setdefault((stored, where), []).append(_distinct(values, wanted))
    yield from handed.values()


def _line(step: Step) -> object:
    where = step.where
    return None if where is None else (where.file, where.function, where.line)


def _groups(places: Sequence[int], ids: Sequence[int]) -> Iterator[list[int]]:
    """The runs of a line that follow each other in one loop, with the same lines in between."""
    group, between = [places[0]], set[int]()
    for before, place in itertools.pairwise(places):
        gap = set(ids[before + 1 : place]) - {ids[place]}
        if len(group) > 1 and not gap <= between:
            yield group
            group, between = [place], set()
            continue
        between |= gap
        group.append(place)
    yield group


def _distinct(values: Sequence[Operand], wanted: set[Value]) -> tuple[Value, ...]:
    """The numbers among some values, each once; none where they are something else."""
    whole = tuple(dict.fromkeys(v for v in values if isinstance(v, Value)))
    fits = all(v in wanted and v.dtype.kind == "f" and not v.shape for v in whole)
    return whole if fits and len(whole) > 1 else ()


def _joined(lists: Sequence[tuple[Value, ...]]) -> Iterator[tuple[Value, ...]]:
    """Those of one layer in all examples; each by itself, where they are of different layers."""
    whole = False
    for layers in range(1, _LAYERS + 1):
        if len(lists) % layers or len(lists) < 2 * layers:
            continue
        for n in range(layers):
            parts = lists[n::layers]
            values = tuple(v for part in parts for v in part)
            if len({len(p) for p in parts}) == 1 and len(set(values)) == len(values):
                whole = whole or layers == 1
                yield values
    if not whole and len(lists) <= _ALONE:
        yield from lists
