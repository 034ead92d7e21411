"""What replacing an array of the user's would do to the results, without running anything again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from retrograd.diagnosis.backward import Backward
from retrograd.diagnosis.forward import Forward
from retrograd.diagnosis.nodes import Node
from retrograd.diagnosis.tape import Tape
from retrograd.diagnosis.truth import Truth, fitted
from retrograd.program import Value

_PROJECTIONS = 3


class Responses:
    """What random projections of one result do when a value on the tape changes."""

    def __init__(self, tape: Tape, final: Value, right: Truth) -> None:
        self.size = int(np.prod(final.shape, dtype=int))
        rng = np.random.default_rng(self.size)
        found = np.asarray(tape.arrays[final], dtype=float)
        truth = fitted(right.gradient, found.shape)
        self.known = truth is not None and bool(np.isfinite(truth).all())
        self.adjoints, self.missing = [], []
        for _ in range(_PROJECTIONS if self.known else 0):
            r = rng.normal(size=found.shape)
            self.adjoints.append(Backward(tape, {final: r}).gradients)
            self.missing.append(float(np.sum(r * (truth - found))))
        self.scale = float(np.max(np.abs(truth), initial=0)) if self.known else 1.0

    def at(self, site: Node) -> list[Any] | None:
        """The gradients of the projections at a site; None if it does not reach the result."""
        found = [
            Forward.stacked(site, a) if len(site.values) == 1 else _zeros(site, a)
            for a in self.adjoints
        ]
        if not found or any(f is None for f in found):
            return None
        return found

    def factor(self, felt: list[Any], user: Any, right: Any) -> float | None:
        """The factor with which `right` in place of `user` makes all projections right."""
        slopes = np.array([float(np.sum(a * right)) for a in felt])
        wanted = np.array(
            [m + float(np.sum(a * user)) for a, m in zip(felt, self.missing, strict=True)]
        )
        size = float(slopes @ slopes)
        if size == 0 or not np.isfinite(size) or not np.isfinite(wanted).all():
            return None
        k = float(slopes @ wanted) / size
        for plain in (1.0, round(k), 1 / round(1 / k) if k and abs(k) < 1 else 1.0):
            if plain and abs(k - plain) < 1e-6 * abs(plain):
                k = float(plain)
        off = np.max(np.abs(wanted - k * slopes))
        if k == 0 or off > 1e-6 * (np.max(np.abs(wanted)) + 1e-300):
            return None
        plain = abs(k - round(k)) < 1e-6 or abs(1 / k - round(1 / k)) < 1e-6
        return k if self.size > 2 or plain else None


def _zeros(site: Node, gradients: Mapping[Value, Any]) -> Any:
    """The gradients of a loop's values, zero where one of them does not count."""
    parts = [gradients.get(v) for v in site.values]
    if all(p is None for p in parts):
        return None
    shape = site.array.shape[1:]
    return np.stack([np.zeros(shape) if p is None else np.broadcast_to(p, shape) for p in parts])
