"""A training step that runs as NumPy text, because a part of it has no compiled form."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from retrograd.compile import given
from retrograd.compiled.profile import Profile, of_text
from retrograd.compiled.ready import Array, Stepping
from retrograd.errors import CannotCompileError
from retrograd.program import Input, Program, tree_of
from retrograd.write import load as load_text


class AsText:
    """A step that runs as NumPy text, and why."""

    def __init__(self, step: Stepping, why: CannotCompileError) -> None:
        self.compiled, self.why = step, why
        self.owners: tuple[Program, list[Input]] | None = None

    def holds(self) -> bool:
        """Text reads all anew."""
        return True

    def step(self, batch: tuple[Any, ...]) -> float:
        """The loss before the step."""
        compiled = self.compiled
        arguments = compiled.arguments(batch)
        loss, gradients = compiled.gradient(*arguments)
        if math.isfinite(loss):
            self._move(arguments, gradients)
        return float(loss)

    def _move(self, arguments: tuple[Any, ...], gradients: Any) -> None:
        if self.owners is None:
            program = self.compiled.gradient.program(*arguments)
            by_value = {i.value: i for i in program.inputs}
            leaves = program.result.children[1].leaves()
            self.owners = program, [by_value[program.gradient_of[v]] for v in leaves]
        owners = [given(self.owners[0], item, arguments) for item in self.owners[1]]
        found = [thing for _, thing in tree_of(gradients).leaves()]
        flat = np.concatenate([np.ravel(a) for a in owners])
        self.compiled.optimizer.update(flat, np.concatenate([np.ravel(g) for g in found]))
        end = 0
        for array in owners:
            array[...] = flat[end : end + array.size].reshape(array.shape)
            end += array.size

    def profile(self, size: int, data: Sequence[Array]) -> Profile:
        """Where the time of a step goes; nothing is changed."""
        compiled = self.compiled
        arguments = compiled.arguments(tuple(compiled.as_batch(a[:size]) for a in data))
        entry = compiled.gradient.entry(*arguments)
        moved = copy.deepcopy(compiled.optimizer)
        leaves = (t for _, t in tree_of(entry.call(arguments, {})[1]).leaves())
        flat = np.concatenate([np.ravel(a) for a in leaves])
        moved.begin(flat)

        known: dict[int, float] = {}
        last = 0.0

        def clock(line: int) -> None:
            nonlocal last
            known[line] = known.get(line, 0.0) + time.perf_counter() - last
            last = time.perf_counter()

        text = load_text(entry.written, clock)

        def run(spent: dict[int, float]) -> tuple[int, float]:
            nonlocal last
            known.clear()
            last = time.perf_counter()
            text(*arguments, **{name: read() for name, read in entry.reads})
            for line, seconds in known.items():
                spent[line] = spent.get(line, 0.0) + seconds
            start = time.perf_counter()
            moved.update(flat, flat)
            return 1, time.perf_counter() - start

        return of_text(entry.written, type(moved).__name__, run)

    def epoch(self, order: Array, size: int, data: Sequence[Array]) -> tuple[float, int]:
        """The mean loss, and the row at which it was not finite; -1 where it was."""
        total = 0.0
        for start in range(0, len(order), size):
            rows = order[start : start + size]
            loss = self.step(tuple(self.compiled.as_batch(a[rows]) for a in data))
            if not math.isfinite(loss):
                return loss, start
            total += loss * len(rows)
        return total / len(order), -1
