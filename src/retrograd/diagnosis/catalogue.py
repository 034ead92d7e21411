"""The right quantities as rows of matrices: an array is compared with all of them at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from retrograd.diagnosis.nodes import Layout, Node, layouts
from retrograd.diagnosis.numbers import ratio

if TYPE_CHECKING:
    from retrograd.diagnosis.forward import Forward

_CLOSE = 1e-8  # relative
_ROUNDS = 8
_AT_ONCE = 64  # quantities


@dataclass(frozen=True, eq=False)
class Candidate:
    """A right quantity in the layout of an array.

    Attributes:
        node: the quantity.
        layout: how its entries belong to those of the array.
    """

    node: Node
    layout: Layout


class Catalogue:
    """The right quantities of a forward pass.

    Args:
        forward: the forward pass.
    """

    def __init__(self, forward: Forward) -> None:
        self.forward = forward
        self._sent: list[Any] | None = None
        self._kept: dict[Any, tuple[list[Candidate], Any]] = {}

    def is_part(self, array: Any) -> bool:
        """Whether an array is what a loop needs in one of its rounds, or a slope."""
        for node in self.forward.nodes:
            if len(node.values) < 2 or node.array.shape[1:] != np.shape(array):
                continue
            parts = list(node.array[:_ROUNDS])
            if node in self.forward.moving:
                parts += list(self.forward.gradient(node)[:_ROUNDS])
            if any(ratio(part, array) is not None for part in parts):
                return True
        slopes = (e.derivative for e in self.forward.elementwise)
        return any(np.shape(s) == np.shape(array) and ratio(s, array) is not None for s in slopes)

    def is_sent(self, array: Any) -> bool:
        """Whether an array is what one step sends back to one of its operands."""
        if self._sent is None:
            backward = self.forward.backward
            self._sent = [
                np.asarray(part)
                for step in backward.steps
                if step.output in backward.gradients
                for part in backward.sent(step, backward.gradients[step.output])
                if part is not None and np.size(part) > 1
            ]
        plain = tuple(n for n in np.shape(array) if n != 1)
        return any(
            tuple(n for n in part.shape if n != 1) == plain
            and ratio(np.ravel(part), np.ravel(array)) is not None
            for part in self._sent
        )

    def gradients(self, shape: tuple[int, ...], looped: bool) -> tuple[list[Candidate], Any]:
        """The true gradients with the entries of a shape, and a matrix with one in each row."""
        return self._of("gradients", shape, looped)

    def same(self, array: Any, looped: bool, *, kind: str = "all") -> Iterator[Candidate]:
        """The right quantities that an array is, but for a number: "values", "gradients", "all"."""
        candidates, rows = self._of(kind, np.shape(array), looped)
        flat = np.ravel(array).astype(float)
        size = float(np.linalg.norm(flat))
        if not candidates or not np.isfinite(size) or size == 0:
            return
        k = rows @ flat / self._squares(kind, np.shape(array), looped)
        some = np.flatnonzero(np.isfinite(k) & (k != 0))
        close = _CLOSE * np.max(np.abs(flat))
        for start in range(0, len(some), _AT_ONCE):
            part = some[start : start + _AT_ONCE]
            off = np.max(np.abs(flat - rows[part] * k[part, None]), axis=1, initial=0)
            for n in part[off <= close]:
                yield candidates[n]

    def _squares(self, kind: str, shape: tuple[int, ...], looped: bool) -> Any:
        key = (kind, shape, looped, "squares")
        if key not in self._kept:
            rows = self._of(kind, shape, looped)[1]
            self._kept[key] = ([], np.maximum(np.sum(rows * rows, axis=1), 1e-300))
        return self._kept[key][1]

    def _of(self, kind: str, shape: tuple[int, ...], looped: bool) -> tuple[list[Candidate], Any]:
        key = (kind, shape, looped)
        if key not in self._kept:
            found, rows = [], []
            for candidate, row in self._entries(kind, shape, looped):
                found.append(candidate)
                rows.append(row)
            size = int(np.prod(shape, dtype=int))
            matrix = np.stack(rows) if rows else np.zeros((0, size))
            self._kept[key] = (found, matrix)
        return self._kept[key]

    def _entries(
        self, kind: str, shape: tuple[int, ...], looped: bool
    ) -> Iterator[tuple[Candidate, Any]]:
        forward = self.forward
        size = int(np.prod(shape, dtype=int))
        moving = set(forward.moving)
        for node in forward.nodes:
            arrays = []
            if kind != "gradients" and node.array.dtype.kind == "f":
                arrays.append(node.array)
            if kind != "values" and node in moving:
                arrays.append(forward.gradient(node))
            for array in arrays:
                if np.size(array) != size or not np.isfinite(array).all():
                    continue
                loops = looped or len(node.values) > 1
                for layout in layouts(np.shape(array), shape, loops, forward.inner):
                    row = np.ravel(layout.put(array, shape)).astype(float)
                    if row.any():
                        yield Candidate(node, layout), row
