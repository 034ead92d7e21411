"""Write recognized operations as lines of NumPy again.

before    p = softmax(z, axis=1)
after     e = exp(z - z.max(axis=1, keepdims=True));  p = e / e.sum(axis=1, keepdims=True)

A softmax whose lines the user wrote safely gets those lines back, names and all.
"""

from __future__ import annotations

from dataclasses import replace

from retrograd.program import Program, Step, Value
from retrograd.rewrite.rebuild import Rebuild


def lower(program: Program) -> Program:
    """Replace every op that has a lower form by it."""
    rebuild = Rebuild(program)

    def visit(step: Step) -> None:
        if step.written is not None:
            rebuild.keep(replace(step.written, forward=step.forward, note=step.note))
        elif step.op.lower is not None:
            form = step.op.lower
            rebuild.record(step, lambda *xs: form(*xs, **step.params))
        else:
            rebuild.keep(step)

    return rebuild.walk(visit)


def without_stops(program: Program) -> Program:
    """The program as it is written: a stopped gradient is no operation.

    before    c = stop_gradient(a);  return a * c
    after     return a * a
    """
    rebuild = Rebuild(program)

    def visit(step: Step) -> None:
        if step.op.alias and isinstance(step.inputs[0], Value):
            rebuild.drop(step, step.inputs[0])
        else:
            rebuild.keep(step)

    return rebuild.walk(visit)
