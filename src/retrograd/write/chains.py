"""Which values share one array in the text: `buf[0] = a` writes into `buf`, it makes no `buf2`.

A write is done in place where nobody needs the array as it was before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from retrograd.ops.keys import disjoint
from retrograd.program import Constant, Program, SizeOperand, Step, Value


@dataclass(frozen=True)
class Chains:
    """Which values share an array.

    Attributes:
        last: for each value that is written into, the value that its array holds in the end.
        sharing: for each value that an array holds in the end, all values that it holds at some
            time and their views.
    """

    last: Mapping[Value, Value]
    sharing: Mapping[Value, frozenset[Value]]


def chains(program: Program) -> Chains:
    """The chains of writes that can be done in place."""
    return _Chains(program).run()


def continued(step: Step) -> Value | None:
    """The array that a step multiplies or divides by a number, if that is what it does."""
    if step.op.name not in ("divide", "multiply"):
        return None
    first, second = step.inputs
    if isinstance(first, Value) and isinstance(second, Constant | SizeOperand):
        return first
    if step.op.name == "multiply" and isinstance(second, Value) and not isinstance(first, Value):
        return second
    return None


class _Chains:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.producers = program.producers
        self.users = program.users
        self.results = program.results
        self.place = {step.output: n for n, step in enumerate(program.steps)}
        self.next: dict[Value, Value] = {}
        self.earlier: dict[Value, list[Value]] = {}  # what an array held before a value

    def run(self) -> Chains:
        for step in self.program.steps:
            value = self._written(step)
            if value is not None and value not in self.next and self._safe(value, step):
                self.next[value] = step.output
                self.earlier[step.output] = [*self.earlier.get(value, ()), value]
        last = {value: self._last(value) for value in self.next}
        sharing: dict[Value, set[Value]] = {}
        for value, end in last.items():
            sharing.setdefault(end, {end}).update({value, *self._views(value), *self._views(end)})
        return Chains(last, {end: frozenset(values) for end, values in sharing.items()})

    def _views(self, value: Value) -> set[Value]:
        """The views of a value, and theirs."""
        found: set[Value] = set()
        for user in self.users.get(value, ()):
            if user.op.view or user.op.alias:
                found |= {user.output, *self._views(user.output)}
        return found

    def _last(self, value: Value) -> Value:
        while value in self.next:
            value = self.next[value]
        return value

    def _written(self, step: Step) -> Value | None:
        """The array that a step could write into."""
        if step.op.updates:
            first = step.inputs[0]
            if not isinstance(first, Value) or first in step.inputs[1:]:
                return None
            return first if self._same_name(first, step.output) else None
        value = continued(step)
        made = self.producers.get(value) if value is not None else None
        if made is None or value is None or made.op.statements is None:
            return None
        alike = value.dtype == step.output.dtype and value.shape == step.output.shape
        unnamed = value not in self.program.names and value not in self.program.gradient_of
        return value if alike and unnamed else None

    def _same_name(self, value: Value, output: Value) -> bool:
        names, of = self.program.names, self.program.gradient_of
        if value in names:
            return names[value] == names.get(output)
        if value in of:
            return output in of and self._last(of[value]) is self._last(of[output])
        return True

    def _safe(self, value: Value, step: Step) -> bool:
        """Whether nobody else has the array, and nobody needs what it was."""
        made = self.producers.get(value)
        if made is None or value in self.results or not value.shape or not _is_fresh(made):
            return False
        held = [value, *self.earlier.get(value, ())]  # their views share the array, too
        return all(self._done_before(v, step) for v in held)

    def _done_before(self, value: Value, step: Step) -> bool:
        for user in self.users.get(value, ()):
            if user is step or _takes_shape_only(user, value):
                continue
            if self.next.get(value) is user.output:
                continue
            if self.place[user.output] > self.place[step.output]:
                return False
            may_share = user.op.view or user.op.alias
            if (
                may_share
                and not _reads_elsewhere(user, step)
                and (user.output in self.results or not self._done_before(user.output, step))
            ):
                return False
        return True


def _is_fresh(step: Step) -> bool:
    """Whether a step makes an array of its own."""
    if step.op.alias:
        return isinstance(step.inputs[0], Constant)
    return not step.op.view


def _reads_elsewhere(read: Step, write: Step) -> bool:
    """Whether a view is of places that are not written."""
    if read.op.name != "index" or not write.op.updates:
        return False
    return disjoint(read.params["key"], write.params["key"], write.output.sizes)


def _takes_shape_only(step: Step, value: Value) -> bool:
    inputs: Sequence[object] = step.inputs
    return step.op.like and inputs[0] is value and value not in inputs[1:]
