"""The backward pass of a tape, by numbers, with any of its gradients replaced on the way.

It runs the ops' own rules on arrays. What `differentiate` writes as text happens here at once, so
that a wrong backward pass is made of the right one by a single change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from retrograd.diagnosis.tape import CANNOT_RUN, Tape
from retrograd.program import Step, Value

if TYPE_CHECKING:
    from retrograd.diagnosis.nodes import Node

Edit = Callable[[Step, int, Any], Any]  # what a step sends back to its k-th operand, changed


class Backward:
    """The gradients of a tape's result with respect to everything on the tape.

    Args:
        tape: a forward pass.
        seeds: the gradients of results, by value.
        steps: those that count, in order; None for all.
    """

    def __init__(
        self, tape: Tape, seeds: Mapping[Value, Any], steps: Sequence[Step] | None = None
    ) -> None:
        self.tape = tape
        self.seeds = dict(seeds)
        self.steps = [
            s
            for s in (tape.steps if steps is None else steps)
            if s.output in tape.arrays and s.output not in tape.fixed
        ]
        self.missing: list[Step] = []  # steps without a rule that a gradient arrived at
        self.gradients = self.run({})

    def run(self, changes: Mapping[Value, Any], edit: Edit | None = None) -> dict[Value, Any]:
        """The gradient of every value.

        Args:
            changes: gradients that are replaced by other arrays.
            edit: changes what a step sends back to one of its operands (None: nothing).
        """
        arriving: dict[Value, Any] = dict(self.seeds)
        done: dict[Value, Any] = {}
        for value, array in changes.items():
            done[value] = array
        for step in reversed(self.steps):
            output = step.output
            g = changes[output] if output in changes else arriving.pop(output, None)
            if g is None:
                continue
            done[output] = g
            for k, sent in enumerate(self.sent(step, g)):
                operand = step.inputs[k]
                if edit is not None:
                    sent = edit(step, k, sent)
                if sent is None or not isinstance(operand, Value):
                    continue
                if operand in arriving:
                    with np.errstate(all="ignore"):
                        arriving[operand] = arriving[operand] + sent
                else:
                    arriving[operand] = sent
        for value, array in arriving.items():
            done.setdefault(value, array)
        return done

    def sent(self, step: Step, g: Any) -> list[Any]:
        """What a step sends back to each of its operands, in the operand's shape."""
        tape, op = self.tape, step.op
        nothing = [None] * len(step.inputs)
        if op.derivative != "rule" or op.rule is None:
            if op.derivative == "missing":
                self.missing.append(step)
            return nothing
        known = tape.arrays
        try:
            operands = [known[i] if type(i) is Value else i.value for i in step.inputs]  # type: ignore[union-attr]
        except KeyError:
            return nothing
        out = known[step.output]
        shape = np.shape(out)
        g = np.asarray(g, dtype=float)
        if g.shape != shape:
            g = np.broadcast_to(g, shape)
        try:
            with np.errstate(all="ignore"):
                results = op.rule(g if shape else g[()], out, *operands, **tape.params[step.output])
        except CANNOT_RUN:
            self.missing.append(step)
            return nothing
        return [
            summed_to(r, i.shape) if r is not None and _is_float(i) else None  # type: ignore[union-attr]
            for r, i in zip(results, step.inputs, strict=True)
        ]


def summed_to(g: Any, shape: tuple[int, ...]) -> Any:
    """A gradient summed over the axes along which its operand was broadcast."""
    g = np.asarray(g)
    if g.shape == shape:
        return g
    lead = g.ndim - len(shape)
    if lead < 0:
        return np.broadcast_to(g, shape)
    g = g.sum(axis=tuple(range(lead)))
    ones = tuple(i for i, n in enumerate(shape) if n == 1 and g.shape[i] != 1)
    g = g.sum(axis=ones, keepdims=True) if ones else g
    return g if g.shape == shape else np.broadcast_to(g, shape)


def _is_float(operand: Any) -> bool:
    return type(operand) is Value and operand.dtype.kind == "f"


def depends_on(tape: Tape, values: set[Value]) -> set[Value]:
    """The values that depend on these, themselves included."""
    found, todo = set(values), list(values)
    while todo:
        for step in tape.users.get(todo.pop(), ()):
            if step.output not in found:
                found.add(step.output)
                todo.append(step.output)
    return found


def is_chained(tape: Tape, site: Node) -> bool:
    """Whether what a loop makes in one round goes into what it makes in the next."""
    others, last = set(site.values[1:]), max(tape.place.get(v, -1) for v in site.values)
    seen, todo = set(site.values[:1]), list(site.values[:1])
    while todo:
        for step in tape.users.get(todo.pop(), ()):
            if step.output in others:
                return True
            if step.output not in seen and tape.place[step.output] < last:
                seen.add(step.output)
                todo.append(step.output)
    return False
