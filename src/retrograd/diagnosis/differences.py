"""What the usual formulas for differences make of a loss, with any step, and the true slopes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from retrograd.check.differences import slope
from retrograd.diagnosis.probe import Probe, array_of, shifted

_ENTRIES = 24  # of one array, looked at one by one
_EPSILON = float(np.finfo(float).eps)


@dataclass(frozen=True)
class Formula:
    """A way of taking differences: (f(x + up) - f(x - down)) / divisor, in steps."""

    says: str
    up: int
    down: int
    divisor: int


CENTRAL = Formula("(f(x + h) - f(x - h)) / (2 * h)", 1, 1, 2)
ONE_SIDED = (
    Formula("(f(x + h) - f(x)) / h", 1, 0, 1),
    Formula("(f(x) - f(x - h)) / h", 0, 1, 1),
)


class Differences:
    """Differences of a loss.

    Args:
        probe: the loss.
        inputs: where it is taken.
        names: of which inputs, in the order in which a check looks at them.
    """

    def __init__(self, probe: Probe, inputs: Mapping[str, Any], names: Sequence[str]) -> None:
        self.probe, self.inputs, self.names = probe, inputs, list(names)
        self.right = {n: self._slopes(n) for n in names}

    def _slopes(self, name: str) -> Any:
        """The true gradient, of some of the entries where there are many; NaN elsewhere."""
        array = array_of(self.inputs[name])
        size = min(max(1e-3, float(np.max(np.abs(array), initial=0))), 1.0)
        made = np.full(array.shape, np.nan)
        order = np.random.default_rng(1).permutation(made.size)
        for flat in order[:_ENTRIES]:
            unit = np.zeros(array.shape)
            unit.flat[flat] = 1.0
            made.flat[flat] = slope(self._along(name, unit), _EPSILON, size).value
        return made

    def _along(self, name: str, unit: Any) -> Callable[[complex], complex]:
        def at(t: complex) -> complex:
            if isinstance(t, complex):
                raise TypeError("only real numbers")
            return self._at(name, t * unit)

        return at

    def _entries(self, name: str) -> list[tuple[int, ...]]:
        return [tuple(map(int, i)) for i in np.argwhere(np.isfinite(self.right[name]))]

    def _at(self, name: str, by: Any) -> float:
        return self.probe.loss_at({**self.inputs, name: shifted(self.inputs[name], by)})

    def made(self, name: str, h: float, formula: Formula) -> Any:
        """What a formula makes with a step, where the true slope is known."""
        made = np.full(self.right[name].shape, np.nan)
        for i in self._entries(name):
            unit = np.zeros(made.shape)
            unit[i] = h
            up, down = self._at(name, formula.up * unit), self._at(name, -formula.down * unit)
            made[i] = (up - down) / (formula.divisor * h)
        return made

    def stale(self, name: str, h: float, before: bool) -> Any:
        """Central differences where entries stay moved, perhaps those of arrays before as well."""
        right = self.right[name]
        if not np.isfinite(right).all() or h < 1e-9:
            return None
        earlier = self.names[: self.names.index(name)] if before else []
        kept, made, moved = self.inputs, np.zeros(right.shape), np.zeros(right.shape)
        self.inputs = {n: shifted(x, -h) if n in earlier else x for n, x in kept.items()}
        for i in np.ndindex(right.shape):
            moved[i] = h
            up = self._at(name, moved)
            moved[i] = -h
            made[i] = (up - self._at(name, moved)) / (2 * h)
        self.inputs = kept
        return made
