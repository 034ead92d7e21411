"""Drop the steps that nobody needs.

before    m = z.max();  dm = ...;  return dz
after     return dz
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from retrograd.program import Expression, Program, SizeOperand, is_size, needed_for


def prune(program: Program) -> Program:
    """Keep only what the result depends on."""
    needed = needed_for(program.result.leaves(), program.steps)
    kept = [step for step in program.steps if step.output in needed or step.op.checks]
    backward_from = program.backward_from
    if backward_from is not None:
        forward = set(program.steps[:backward_from])
        backward_from = sum(1 for step in kept if step in forward)
    return replace(program, steps=tuple(kept), backward_from=backward_from)


def without_unused_inputs(program: Program) -> Program:
    """Leave out captured arrays of which neither the numbers nor a size is used."""
    used = program.results.union(program.users)
    sources = {dim.source for size in _sizes(program) for dim in size.dims()}
    kept = (
        i
        for i in program.inputs
        if i.captured is None or i.value in used or i.value.number in sources
    )
    return replace(program, inputs=tuple(kept))


def _sizes(program: Program) -> Iterator[Expression]:
    """Every size that the program's text will say."""
    for check in program.checks:
        yield from (check.left, check.right)
    for step in program.steps:
        for thing in (*step.inputs, *step.params.values()):
            yield from _sizes_in(thing)
    for leaf in program.result.leaves():
        yield from _sizes_in(leaf)


def _sizes_in(thing: Any) -> Iterator[Expression]:
    if isinstance(thing, SizeOperand) or is_size(thing):
        yield thing.expression
    elif type(thing) is tuple:
        for item in thing:
            yield from _sizes_in(item)
    elif type(thing) is slice:
        for item in (thing.start, thing.stop, thing.step):
            yield from _sizes_in(item)
