"""What a change of a line would do to the gradients, by the adjoints of the lines after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from retrograd.diagnosis.blocks import Block, Line
from retrograd.diagnosis.edit import SOLVED, Edit, differences
from retrograd.diagnosis.responses import Responses
from retrograd.diagnosis.tape import Tape
from retrograd.program import Value

_CLOSE = 1e-6


class Trial:
    """What changes of a line do to projections of the gradients."""

    def __init__(self, tape: Tape, responses: Mapping[str, Responses], line: Line) -> None:
        self.line, self.responses = line, responses
        self.wrong = {n: r.wrong for n, r in responses.items()}
        inside = {run[k].output for b in line.blocks for k in b.outputs for run in b.runs}
        after = _deep(tape, inside)
        self.names: list[str] = []
        self.chained: set[str] = set()
        self.felt: dict[str, list[dict[int, Any]]] = {}
        for name, response in responses.items():
            first = response.adjoints[0]
            if not any(v in first for v in inside):
                continue
            if any(v in first and after[v] > 1 for v in inside):
                self.chained.add(name)  # one run goes into another: not always the sum of all
            self.names.append(name)
            self.felt[name] = [
                {k: _stacked(b, k, response.adjoints) for k in b.outputs} for b in line.blocks
            ]

    @staticmethod
    def known(c: float) -> bool:
        """Whether a number says something by itself; any one entry is some number times another."""
        return any(np.isclose(1 + c, k, rtol=1e-7) for k in (-1, 2, 0.5, 0)) or abs(c) == 1

    def fits(self, edit: Edit) -> float | None:
        """The number with which a change makes a wrong gradient right; None if there is none."""
        moved = []
        for n, block in enumerate(self.line.blocks):
            made = differences(edit, block, n)
            if made is None:
                return None
            moved.append(made)
        if not any(np.any(array) for made in moved for array in made.values()):
            return None
        for name in self.names:
            missing = np.array(self.responses[name].missing)
            gained = np.zeros(len(missing))
            with np.errstate(all="ignore"):
                for felt, made in zip(self.felt[name], moved, strict=True):
                    for k, array in made.items():
                        gained = gained + felt[k] @ np.ravel(array)
            if not np.isfinite(gained).all():
                continue
            size = np.max(np.abs(missing))
            if edit.kind in SOLVED:
                with np.errstate(all="ignore"):
                    c = float(gained @ missing / (gained @ gained))
                near = np.isfinite(c) and np.max(np.abs(missing - c * gained)) <= _CLOSE * size
                if near and (self.known(c) or self.wrong[name] > 2):
                    return c
            elif np.max(np.abs(missing - gained)) <= _CLOSE * size:
                return 1.0
        return None


def _deep(tape: Tape, values: set[Value]) -> dict[Value, int]:
    """How many of some values lie on the longest way to each of them."""
    deep: dict[Value, int] = {}
    for step in tape.steps:
        most = max((deep.get(v, 0) for v in step.values()), default=0)
        deep[step.output] = most + (step.output in values)
    return deep


def _stacked(block: Block, k: int, adjoints: Sequence[Mapping[Value, Any]]) -> Any:
    rows = []
    for adjoint in adjoints:
        parts = []
        for run in block.runs:
            value = run[k].output
            g = adjoint.get(value)
            parts.append(
                np.ravel(np.zeros(value.shape) if g is None else np.broadcast_to(g, value.shape))
            )
        rows.append(np.concatenate(parts))
    return np.stack(rows)
