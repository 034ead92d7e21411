"""Drop the steps that nobody needs.

before    m = z.max();  dm = ...;  return dz
after     return dz
"""

from __future__ import annotations

from dataclasses import replace

from retrograd.program import Program, Value


def prune(program: Program) -> Program:
    """Keep only what the result depends on."""
    needed = {leaf for leaf in program.result.leaves() if isinstance(leaf, Value)}
    kept = []
    for step in reversed(program.steps):
        if step.output in needed:
            needed.update(step.values())
            if step.written is not None:
                needed.update(step.written.values())
            kept.append(step)
    kept.reverse()
    backward_from = program.backward_from
    if backward_from is not None:
        forward = set(program.steps[:backward_from])
        backward_from = sum(1 for step in kept if step in forward)
    return replace(program, steps=tuple(kept), backward_from=backward_from)
