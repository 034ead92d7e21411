"""What stands where a change of the user's backward pass is made."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from retrograd.diagnosis.edit import Edit
from retrograd.diagnosis.edits import Edits
from retrograd.diagnosis.forward import Elementwise
from retrograd.diagnosis.slopes import function_of, is_output
from retrograd.program import Step, plain
from retrograd.report import Position

_PRODUCTS = ("matmul", "dot", "outer", "einsum", "tensordot", "inner", "vdot", "matvec", "vecmat")


class Spot:
    """The place of a change: the step, the operand, and what stands there.

    Args:
        edits: the search that found the change.
        edit: the change.
    """

    def __init__(self, edits: Edits, edit: Edit) -> None:
        self.edit, self.entries, self.tape = edit, edits.entries, edits.tape
        self.forward, self.search = edits.search.forward, edits.search
        self.block = edit.line.blocks[0]

    @property
    def step(self) -> Step:
        """The step that is changed; of the first run."""
        run = self.block.runs[0]
        if self.edit.keys:
            return run[self.edit.steps[0][0]]
        if self.edit.slot >= 0:
            return run[self.block.slots[self.edit.slot][1][0][0]]
        return run[self.edit.step if self.edit.step >= 0 else self.block.outputs[-1]]

    @property
    def operand(self) -> int:
        """The operand of it that is changed."""
        if self.edit.slot >= 0:
            return self.block.slots[self.edit.slot][1][0][1]
        return self.edit.operand

    @property
    def turns_around(self) -> bool:
        """Whether other keys are the same ones in the opposite order."""
        keys = [plain(run[self.edit.steps[0][0]].params["key"]) for run in self.block.runs]
        return len(keys) > 2 and list(self.edit.keys[0]) == keys[::-1]

    def made_for_this(self) -> Position | None:
        """The line that made what stands in the place of a slope, and serves nothing else."""
        value = self.step.inputs[self.operand]
        if self.edit.kind != "operand as slope" or value not in self.tape.place:
            return None
        once = len(self.tape.users.get(value, ())) == 1  # type: ignore[arg-type]
        return self.tape.steps[self.tape.place[value]].where if once else None  # type: ignore[index]

    def kind_of(self, operand: Any) -> str:
        """What kind of array an operand is."""
        array = self.tape.array(operand)
        return "" if array is None else self.entries.kind(array)

    @property
    def old(self) -> str:
        """What kind of array is replaced."""
        return self._of(self.block.slots[self.edit.slot][0])

    @property
    def new(self) -> str:
        """What kind of array takes its place."""
        return self._of(self.edit.values[0])

    def _of(self, values: Any) -> str:
        return self.entries.kind(self.block.stacked(values))

    @property
    def beside(self) -> list[str]:
        """What kinds of arrays the other operands are."""
        others = [j for j in range(len(self.step.inputs)) if j != self.operand]
        place = self.block.runs[0].index(self.step)
        return [self.entries.kind(self.block.taken(place, j)) for j in others]

    @property
    def in_product(self) -> bool:
        """Whether the operand goes into a matrix product, or into one written as a loop."""
        step: Step | None = self.step
        if step is not None and step.op.name == "multiply" and not step.output.shape:
            return "weight" in self.beside  # one number of a sum of products
        while step is not None and step.op.view:
            step = next(iter(self.tape.users.get(step.output, ())), None)
        return step is not None and step.op.name in _PRODUCTS

    def lacks_slope(self) -> bool:
        """Whether what is needed is what is there, times a slope."""
        quotient = self._quotient
        return bool(np.isfinite(quotient).all()) and self.entries.kind(quotient) == "slope"

    @property
    def _quotient(self) -> Any:
        """What is needed over what is there."""
        old = self.block.stacked(self.block.slots[self.edit.slot][0])
        with np.errstate(all="ignore"):
            return self.block.stacked(self.edit.values[0]) / old

    @cached_property
    def function(self) -> Elementwise | None:
        """The function whose slope is named."""
        return function_of(self.slope, self.forward)

    @property
    def slope(self) -> Any:
        """The slope that is named, or what is needed over what is there."""
        return self.edit.slope[0] if self.edit.slope else self._quotient

    @property
    def is_output(self) -> bool:
        """Whether the slope is that of what the network returns."""
        return is_output(self.function, self.slope, self.forward)
