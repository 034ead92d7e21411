"""Which part of a sum is wrong, or missing.

A quantity that is used in several places gets a gradient from each of them: a state from the output
and from the next step, a layer's input from the layer and from the path around it. Where the sum is
wrong, its addends are compared with what each use sends back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from retrograd.diagnosis.fault import Fault
from retrograd.diagnosis.forward import Forward
from retrograd.diagnosis.moves import mentions
from retrograd.diagnosis.places import wrong_round
from retrograd.diagnosis.right import is_right
from retrograd.diagnosis.tape import CANNOT_RUN, Tape, operands_of
from retrograd.program import Step, Value
from retrograd.report import Position, source_segment

_CLOSE = 1e-8  # relative
_MOST = 7  # parts of a sum
_WALK = 4  # steps from a quantity to the one that it goes into
_PRODUCTS = ("multiply", "matmul", "dot")
_COPIES = ("as_float", "copy", "array", "astype", "positive", "tolist")
_MOVES = (*_COPIES, "index", "set_at", "concatenate", "stack", "hstack", "vstack", "where")


@dataclass(frozen=True)
class _Addend:
    """An addend of the user's.

    Attributes:
        value: what is added.
        adding: the step that adds it; None for the whole.
        parts: the numbers of the parts that it is.
    """

    value: Value
    adding: Step | None
    parts: tuple[int, ...] = ()


class Sum:
    """The parts of one true gradient, beside the user's sum.

    Args:
        tape: the user's backward pass.
        forward: the forward pass.
        whole: what the user has.
        quantity: the quantity whose gradient it should be.
        factor: what the user has is this number times the gradient.
    """

    def __init__(
        self, tape: Tape, forward: Forward, whole: Value, quantity: Value, factor: float
    ) -> None:
        self.tape, self.forward = tape, forward
        self.parts = list(_sent(forward, quantity))
        self.known: list[_Addend] = []
        self.unknown: list[_Addend] = []
        self.left = set(range(len(self.parts)))
        if 2 <= len(self.parts) <= _MOST:
            self._compare(whole, factor)

    def _compare(self, whole: Value, factor: float) -> None:
        todo, seen = [_Addend(whole, None)], 0
        while todo and seen < 4 * _MOST:
            addend, seen = todo.pop(0), seen + 1
            array = self.tape.arrays.get(addend.value)
            if array is None or (not np.any(array) and not self._computes(addend.value)):
                continue
            made = self._subset(np.asarray(array) / factor)
            place = self.tape.place.get(addend.value)
            step = self.tape.steps[place] if place is not None else None
            zero = step is not None and any(map(self._is_zero, step.values()))
            adds = step is not None and step.op.name == "add"
            split = adds and made is not None and (zero or len(made) > 1)
            if made is not None and (len(made) == len(self.parts) or not split):
                self.left -= set(made)
                self.known.append(_Addend(addend.value, addend.adding, made))
                continue
            if addend.adding is not None and self._is_right(addend.value):
                self.unknown.append(addend)  # but for another quantity
            elif step is not None and step.op.name == "add":
                todo += [_Addend(v, step) for v in step.values() if v.shape == addend.value.shape]
            elif step is not None and (step.op.view or step.op.name in _COPIES):
                todo += [_Addend(v, addend.adding) for v in step.values()]
            else:
                self.unknown.append(addend)

    def _is_zero(self, value: Value) -> bool:
        array = self.tape.arrays.get(value)
        return array is not None and not np.any(array) and self._computes(value)

    def _computes(self, value: Value) -> bool:
        """Whether a value comes of a product, so that it should not be zero."""
        place = self.tape.place.get(value)
        return place is not None and self.tape.steps[place].op.name in _PRODUCTS

    def _subset(self, array: Any) -> tuple[int, ...] | None:
        """The parts that add up to an array."""
        left = sorted(self.left)
        for count in range(1, len(left) + 1):
            for some in combinations(left, count):
                if _same(sum(self.parts[n][0] for n in some), array):
                    return some
        return None

    @property
    def is_proper(self) -> bool:
        """Whether some of the parts are there, and something is wrong or missing."""
        wrong = len(self.unknown) == 1 or (not self.unknown and bool(self.left))
        return bool(self.known) and wrong

    def where(self) -> Position | None:
        """The line on which a wrong part is made, or a missing one would be."""
        if self.unknown:
            return self._made(self.unknown[0])
        missing = [self.parts[n][1] for n in self.left]

        def distance(addend: _Addend) -> tuple[int, int]:
            pairs = [(self.parts[n][1], m) for n in addend.parts for m in missing]
            return min((abs(self._round(a) - self._round(b)), abs(a - b)) for a, b in pairs)

        return self._made(min(self.known, key=distance), wrong=True)

    def _round(self, place: int) -> int:
        """How often the line of a step of the forward pass has run before it."""
        steps = self.forward.tape.steps
        return sum(s.where == steps[place].where and s.op is steps[place].op for s in steps[:place])

    def _made(self, addend: _Addend, *, wrong: bool = False) -> Position | None:
        tape = self.tape
        step = tape.steps[tape.place[addend.value]] if addend.value in tape.place else None
        while step is not None and step.op.view:
            before = next(step.values())
            if np.prod(before.shape) != np.prod(step.output.shape):
                break
            step = tape.steps[tape.place[before]] if before in tape.place else None
        adding = addend.adding.where if addend.adding is not None else None
        shared = any(u is not addend.adding for u in tape.users.get(addend.value, ()))
        taken = not wrong and shared and self._is_right(addend.value)
        if adding is not None and (step is None or taken):
            text = source_segment(adding)
            for move in tape.moves:  # it is taken for what it is not
                named = any(mentions(text, name) for name in move.targets)
                if named and addend.value.number in move.values:
                    return move.where
            return adding
        return step.where if step is not None else adding

    def _is_right(self, value: Value) -> bool:
        catalogue, array = self.forward.catalogue, self.tape.arrays[value]
        return is_right(value, self.tape, self.forward) or catalogue.is_sent(array)


def missing_part(fault: Fault, tape: Tape, forward: Forward) -> Position | None:
    """The line of the wrong or missing part of a sum; None where a line is wrong as a whole."""
    first = wrong_round(fault, tape)
    if first is None:
        return None
    user, quantity = first
    whole = Sum(tape, forward, _whole_sum(user, tape), quantity, fault.factor)
    if whole.is_proper:
        return whole.where()
    step = tape.steps[tape.place[user]]
    for operand, further in _beyond(step, quantity, fault, tape, forward):
        found = Sum(tape, forward, operand, further, fault.factor)
        if found.is_proper:
            return found.where()
    return None


def _whole_sum(value: Value, tape: Tape) -> Value:
    """The sum on one line that a value is a part of, or the value."""
    users = tape.users.get(value, [])
    step = tape.steps[tape.place[value]] if value in tape.place else None
    same = len(users) == 1 and users[0].op.name == "add" and users[0].output.shape == value.shape
    if step is None or not same or step.where is None or users[0].where is None:
        return value
    near = (step.where.file, step.where.line) == (users[0].where.file, users[0].where.line)
    return _whole_sum(users[0].output, tape) if near else value


def _beyond(
    step: Step, quantity: Value, fault: Fault, tape: Tape, forward: Forward
) -> Iterator[tuple[Value, Value]]:
    """The operands of a step that stand for the gradient of what a quantity goes into."""
    reached = [quantity]
    for value in reached:
        if len(reached) < _WALK:
            reached += [s.output for s in forward.tape.users.get(value, ()) if s.op.elementwise]
    gradients = forward.backward.gradients
    needed = np.asarray(gradients[quantity], dtype=float) * fault.factor
    arrays, params = operands_of(step, tape.arrays), tape.params[step.output]
    for further in reached[1:]:
        for k, operand in enumerate(step.inputs):
            fits = isinstance(operand, Value) and operand in tape.place
            if not fits or further not in gradients or np.size(arrays[k]) != np.prod(further.shape):
                continue
            right = np.reshape(gradients[further], np.shape(arrays[k])) * fault.factor
            try:
                made = step.op.run(*arrays[:k], right, *arrays[k + 1 :], **params)
            except CANNOT_RUN:
                continue
            if _same(needed, made):
                yield operand, further  # type: ignore[misc]


def _sent(forward: Forward, quantity: Value) -> list[tuple[Any, int]]:
    """What each use of a quantity sends back to it, and where the use stands on the tape.

    What only moves it (a reshape, a write into a buffer, a list of states) is no use. A sum that
    is all that it goes into has the same gradient, and its uses count.
    """
    found = list(_from_uses(forward, quantity))
    while len(found) == 1:
        step = forward.tape.steps[found[0][1]]
        if step.op.name != "add" or step.output.shape != quantity.shape:
            break
        further = list(_from_uses(forward, step.output))
        if not further:
            break
        quantity, found = step.output, further
    return found


def _from_uses(forward: Forward, quantity: Value) -> Iterator[tuple[Any, int]]:
    tape, backward = forward.tape, forward.backward
    moved, moves, uses = {quantity}, list[Step](), list[Step]()
    for step in tape.steps[tape.place.get(quantity, -1) + 1 :]:
        if step.output in backward.gradients and any(v in moved for v in step.values()):
            if step.op.view or step.op.name in _MOVES:
                moved.add(step.output)
                moves.append(step)
            else:
                uses.append(step)
    for use in uses[: 4 * _MOST]:
        arrived: dict[Value, Any] = {}
        for step in (use, *reversed(moves)):
            g = backward.gradients[use.output] if step is use else arrived.get(step.output)
            for v, sent in zip(
                step.inputs, backward.sent(step, g) if g is not None else (), strict=False
            ):
                if sent is not None and isinstance(v, Value) and v in moved:
                    arrived[v] = arrived.get(v, 0.0) + np.asarray(sent, dtype=float)
        part = arrived.get(quantity)
        if part is not None and np.any(part):
            yield np.broadcast_to(part, quantity.shape), tape.place[use.output]


def _same(a: Any, b: Any) -> bool:
    a, b = np.squeeze(a), np.squeeze(b)
    if a.shape != b.shape:
        return a.T.shape == b.shape and a.ndim > 1 and _same(a.T, b)
    return bool(np.max(np.abs(a - b), initial=0) <= _CLOSE * np.max(np.abs(b), initial=0))
