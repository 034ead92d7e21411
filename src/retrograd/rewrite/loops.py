"""Write operations that no loop runs as those that loops run, for compiling.

before    v = z.var(axis=1)
after     d = z - z.mean(axis=1, keepdims=True);  v = (d**2).sum(axis=1) / z.shape[1]
"""

from __future__ import annotations

from retrograd.program import Program, Step
from retrograd.rewrite.rebuild import Rebuild


def for_loops(program: Program) -> Program:
    """Replace every op that is made of others by them; its result is the same value."""
    rebuild = Rebuild(program)

    def visit(step: Step) -> None:
        form = step.op.made_of
        if form is None:
            rebuild.keep(step)
        else:
            rebuild.record_as(step, lambda *xs: form(*xs, **step.params))

    return rebuild.walk(visit)
