"""What may decide something while a function is recorded, and what its text then checks."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from retrograd.ops.table import TABLE, Op
from retrograd.program import Operand, SizeOperand, Step, Value, needed_for

if TYPE_CHECKING:
    from retrograd.ops.symbol import Symbol


class Decisions:
    """The part of a recorder that knows which numbers are data.

    Attributes:
        fixed: values that depend on no input.
        assumed: values that depend on no input but numbers that are defaults, and were not given.
        discrete: values that no gradient is taken of: labels, counts, data.
        known: arrays whose values decide a shape.
        deferred: shapes that values decide, and why it matters.
        checked: values that the text checks.
        changes: notes why the function is to be recorded at every call.
    """

    data: dict[Value, Any]
    steps: list[Step]
    producers: dict[Value, Step]
    traces: bool

    @abstractmethod
    def record(self, op: Op, things: Sequence[Any], params: Mapping[str, Any]) -> Symbol:
        """Add a step."""

    def begin_decisions(self) -> None:
        """Know nothing yet."""
        self.fixed: set[Value] = set()
        self.assumed: set[Value] = set()
        self.discrete: set[Value] = set()
        self.known: dict[Value, Any] = {}
        self.deferred: dict[Value, str] = {}
        self.checked: set[Value] = set()
        self.changes: Callable[[str], None] = lambda reason: None

    def _note_data(self, op: Op, operands: Sequence[Operand], result: Value) -> None:
        """Note a result that is made of data, or of constants, alone."""
        values = [o for o in operands if isinstance(o, Value)]
        if op.derivative != "none" and not all(v in self.discrete for v in values):
            return
        self.discrete.add(result)
        if any(isinstance(o, SizeOperand) for o in operands):
            return
        if all(v in self.fixed for v in values):
            self.fixed.add(result)
        elif all(v in self.fixed or v in self.assumed for v in values):
            self.assumed.add(result)

    def _note_masks(self, op: Op, operands: Sequence[Operand], result: Value) -> None:
        """Note the arrays whose values decide a shape, now or in the backward pass."""
        values = [o for o in operands if isinstance(o, Value)]
        masks = [v for v in values[1:] if v.dtype == np.bool_] if op.takes_masks else []
        for mask in masks:
            self.known[mask] = self.data[mask]
        unfixed = not all(v in self.fixed for v in values)
        if self.traces and unfixed and op.shape_by_values(operands):
            reason = f"the values in an array decide a shape (by {op.name})"
            if op.updates:  # its own shape stays
                self.changes(reason)
            else:
                self.deferred[result] = reason

    def settle(self, results: Iterable[Any]) -> None:
        """After recording: the shapes that values decide and that the result depends on count."""
        needed = needed_for(results, self.steps)
        for value, reason in self.deferred.items():
            if value in needed and value not in self.checked:
                self.decides(value, reason, shape=True)
                self.steps.insert(self.steps.index(self.producers[value]) + 1, self.steps.pop())

    def decides(self, value: Value, reason: str, *, shape: bool = False) -> None:
        """Note that the recording holds for these numbers only, or for this shape."""
        if value not in self.assumed:
            self.changes(reason)
        if value in self.checked:
            return
        self.checked.add(value)
        found = np.asarray(self.data[value])
        known = {"shape": value.shape} if shape else {"equals": found.tolist()}
        self.record(TABLE["expect"], [value], known)
