"""The numbers of the forward pass, by which arrays of any layout are known again.

A probe's numbers are all different. So an array of the user's backward pass, whichever rows, blocks
or single numbers it holds, is made of weights, of activations or of slopes where each entry is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from retrograd.diagnosis.forward import Elementwise, Forward

_CLOSE = 1e-11  # relative
_PLAIN = (0.0, 1.0, -1.0, 2.0, 0.5)


class Entries:
    """The entries of a forward pass.

    Args:
        forward: the forward pass.
    """

    def __init__(self, forward: Forward) -> None:
        self.forward = forward

    @cached_property
    def _forward(self) -> Any:
        return _sorted(n.array for n in self.forward.nodes if n.array.dtype.kind == "f")

    @cached_property
    def _weights(self) -> Any:
        arrays = self.forward.tape.arrays
        return _sorted(arrays[v] for v in self.forward.parameters.values())

    @cached_property
    def _data(self) -> Any:
        own = set(self.forward.parameters.values())
        return _sorted(a for v, a in self.forward.tape.inputs.items() if v not in own)

    @cached_property
    def _before(self) -> Any:
        return _sorted(e.z.array for e in self._bent)

    @cached_property
    def _after(self) -> Any:
        return _sorted(e.a.array for e in self._bent)

    @cached_property
    def _slopes(self) -> Any:
        return _sorted(e.derivative for e in self._bent)

    @cached_property
    def _gradients(self) -> Any:
        return _sorted(self.forward.gradient(n) for n in self.forward.moving)

    @cached_property
    def _bent(self) -> list[Elementwise]:
        """The functions of single entries that are no straight lines."""
        return [e for e in self.forward.elementwise if np.ptp(e.derivative) > 0]

    @cached_property
    def tables(self) -> list[tuple[Any, Any]]:
        """For each function, by what it takes and by what it makes: numbers, and slopes there."""
        groups: dict[object, list[tuple[Any, Any]]] = {}
        for e in self._bent:
            made = tuple(n.step and (n.step.where, n.step.op.name) for n in (e.z, e.a))
            for side, array in (("z", e.z.array), ("a", e.a.array)):
                groups.setdefault((side, made), []).append((array, e.derivative))
        found = []
        for pairs in groups.values():
            flat = np.concatenate([np.ravel(array).astype(float) for array, _ in pairs])
            slopes = np.concatenate([np.ravel(d).astype(float) for _, d in pairs])
            if not np.isfinite(flat).all():
                continue
            order = np.argsort(flat, kind="stable")
            flat, slopes = flat[order], slopes[order]
            same = np.diff(flat) <= _CLOSE * np.abs(flat[1:])
            if not np.any(same & (np.abs(np.diff(slopes)) > 1e-9)):
                found.append((flat, slopes))  # the slope is a function of these numbers
        return found

    def slopes(self, arrays: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The slopes at some arrays, where all are of one function."""
        found, seen = [], set[bytes]()
        for n in self._with(float(np.ravel(arrays[0])[0])):
            flat, slopes = self.tables[n]
            parts = []
            for array in arrays:
                at = _places(np.ravel(array), flat)
                if at is None:
                    break
                parts.append(slopes[at].reshape(np.shape(array)))
            else:
                key = b"".join(np.round(p, 10).tobytes() for p in parts)
                if key not in seen and any(np.any(p != 1) for p in parts):
                    seen.add(key)
                    found.append(tuple(parts))
        return found

    def _with(self, number: float) -> list[int]:
        """The functions that a number occurs in."""
        flat, functions = self._index
        close = _CLOSE * abs(number)
        low, high = np.searchsorted(flat, (number - close, number + close + 1e-300))
        return sorted(set(functions[low : max(high, low)].tolist()))

    @cached_property
    def _index(self) -> tuple[Any, Any]:
        """The numbers of all functions in order, and which function each is of."""
        flats = [flat for flat, _ in self.tables] or [np.zeros(0)]
        flat = np.concatenate(flats)
        functions = np.repeat(np.arange(len(flats)), [len(f) for f in flats])
        order = np.argsort(flat, kind="stable")
        return flat[order], functions[order]

    def turned(self, array: Any) -> Any:
        """Single weights of a square matrix, as those of its transpose; None for other numbers."""
        if np.ndim(array) != 1:
            return None  # one number for each run
        arrays = self.forward.tape.arrays
        for value in self.forward.parameters.values():
            weights = np.asarray(arrays[value], dtype=float)
            if weights.ndim != 2 or weights.shape[0] != weights.shape[1] or len(weights) < 2:
                continue
            order = np.argsort(np.ravel(weights))
            at = _places(array, np.ravel(weights)[order])
            if at is not None:
                return np.ravel(weights.T)[order[at]]
        return None

    def is_forward(self, array: Any) -> bool:
        """Whether an array is made of the numbers of the forward pass."""
        return self._within(array, self._forward)

    def kind(self, array: Any) -> str:
        """What an array is made of: weights, data, z, a, slopes, gradients, or "" if of neither."""
        flat = np.ravel(array)
        if not flat.size or np.isin(flat, _PLAIN).all():
            return ""
        for name, table in (
            ("weight", self._weights),
            ("data", self._data),
            ("a", self._after),
            ("z", self._before),
            ("gradient", self._gradients),
            ("slope", self._slopes),
            ("forward", self._forward),
        ):
            if self._within(flat, table):
                return name
        return ""

    @staticmethod
    def _within(array: Any, table: Any) -> bool:
        return table.size > 0 and _places(np.ravel(array), table) is not None


def _sorted(arrays: Iterable[Any]) -> Any:
    parts = [np.ravel(a).astype(float) for a in arrays if a is not None]
    flat = np.concatenate(parts) if parts else np.zeros(0)
    return np.unique(flat[np.isfinite(flat)])


def _places(flat: Any, table: Any) -> Any:
    """Where numbers stand in a table; None if one of them does not."""
    flat = np.asarray(flat, dtype=float)
    if not flat.size or not table.size or not np.isfinite(flat).all():
        return None
    close = _CLOSE * np.abs(flat)
    at = np.minimum(np.searchsorted(table, flat - close), len(table) - 1)
    return at if (np.abs(table[at] - flat) <= 2 * close + 1e-300).all() else None


def place_of(flat: Any, numbers: Any) -> Any:
    """Where some numbers stand among others; None if one of them is not there."""
    order = np.argsort(numbers)
    at = _places(flat, np.asarray(numbers, dtype=float)[order])
    return None if at is None else order[at]
