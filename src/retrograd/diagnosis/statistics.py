"""The statistics that a quantity goes into: a mean, a variance, a length, a largest entry."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np

from retrograd.diagnosis.backward import depends_on
from retrograd.diagnosis.forward import Forward
from retrograd.diagnosis.nodes import Node
from retrograd.program import Step, Value
from retrograd.report import source_segment

_SUMMING = ("add", "sum", "square", "power", "multiply", "sqrt")
_REDUCTIONS = ("mean", "sum", "var", "std", "norm", "max", "min", "average", "dot", "vdot", "inner")
_STATISTICS = 6


class Statistics:
    """The part of a place that knows of statistics.

    Attributes:
        forward: the forward pass.
        node: the quantity.
        needed: its gradient.
    """

    forward: Forward
    node: Node
    needed: Any

    @cached_property
    def normalizes(self) -> bool:
        """Whether a root of a statistic of this quantity is taken, as normalizations do."""
        tape = self.forward.tape
        after = depends_on(tape, set(self.node.values))
        for step in tape.steps:
            if step.output in after and step.output in self.forward.backward.gradients:
                if self._is_added(step):
                    continue  # a penalty, or the loss itself
                if step.op.name in ("sqrt", "std", "var", "norm"):
                    return True
                if step.op.name == "power":
                    exponent = tape.array(step.inputs[1])
                    if exponent is not None and np.all(np.abs(exponent) == 0.5):
                        return True
        return False

    def _is_added(self, step: Step) -> bool:
        """Whether a statistic only goes into sums and powers on its way to the loss."""
        tape, todo, seen = self.forward.tape, [step.output], {step.output}
        while todo:
            for user in tape.users.get(todo.pop(), ()):
                others = [v for v in user.values() if v not in seen and v.shape]
                if user.op.name in ("multiply", "divide") and others:
                    return False
                if user.output.shape and user.op.name not in _SUMMING:
                    return False
                if user.output not in seen:
                    seen.add(user.output)
                    todo.append(user.output)
        return True

    def cuts(self) -> Iterator[tuple[str, Any]]:
        """The names of one or two statistics, and the gradient with these held constant."""
        tape = self.forward.tape
        after = depends_on(tape, set(self.node.values))
        size = self.node.array.size / len(self.node.values)
        sites: dict[object, list[Value]] = {}
        for step in tape.steps:
            reduces = step.op.name in _REDUCTIONS
            if not reduces or step.output not in after or step.output in self.forward.summed:
                continue
            small = np.prod(step.output.shape, dtype=int) < max(size, 2)
            if small and step.output in self.forward.backward.gradients and self._returns(step):
                sites.setdefault(step.where or step, []).append(step.output)
        groups = list(sites.values())[:_STATISTICS]
        chosen = [[g] for g in groups]
        chosen += [[g, h] for i, g in enumerate(groups) for h in groups[i + 1 :]]
        for some in chosen:
            values = [v for group in some for v in group]
            zeros = {v: np.zeros(v.shape) for v in values}
            made = Forward.stacked(self.node, self.forward.backward.run(zeros))
            if made is not None and not np.allclose(made, self.needed, rtol=1e-9, atol=1e-300):
                names = [self._called(group[-1]) for group in some]
                yield " and ".join(names), made

    def _returns(self, step: Step) -> bool:
        """Whether what a step makes meets the quantity again, as a mean does that is subtracted."""
        tape, shape = self.forward.tape, self.node.values[0].shape
        own = depends_on(tape, set(self.node.values))
        if not all(v in own for v in step.values()):
            return False
        if step.op.name in ("norm", "std", "var"):
            return True
        after = depends_on(tape, {step.output})
        return any(v.shape == shape and v.shape != step.output.shape for v in after)

    def _called(self, value: Value) -> str:
        step = self.forward.tape.steps[self.forward.tape.place[value]]
        name = self.forward.tape.program.names.get(value)
        return name or (source_segment(step.where) if step.where else "a statistic")
