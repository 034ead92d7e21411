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
_TOGETHER = 2  # what fits is run anyway
_MANY = 100  # entries: enough to tell a factor from a coincidence


class Responses:
    """What random projections of one result do when a value on the tape changes."""

    def __init__(self, tape: Tape, final: Value, right: Truth) -> None:
        self.size = int(np.prod(final.shape, dtype=int))
        rng = np.random.default_rng(self.size)
        found = np.asarray(tape.arrays[final], dtype=float)
        truth = fitted(right.gradient, found.shape)
        known = truth is not None and bool(np.isfinite(truth).all())
        largest = float(np.max(np.abs(truth), initial=0)) if known else 0.0
        self.wrong = int(np.sum(np.abs(truth - found) > 1e-9 * largest)) if known else 0
        self.adjoints, self.missing = [], []
        for _ in range(_PROJECTIONS if known else 0):
            r = rng.normal(size=found.shape)
            self.adjoints.append(Backward(tape, {final: r}).gradients)
            self.missing.append(float(np.sum(r * (truth - found))))

    @staticmethod
    def together(
        tape: Tape, finals: Mapping[str, Value], right: Mapping[str, Truth], site: Node
    ) -> tuple[Responses, Any] | None:
        """What all results do when a loop's arrays are replaced, each of which makes the next one.

        Returns:
            The responses, and the gradients of their projections at the site; None if not known.
        """
        cut, made = tape.cut(site.values), Responses.__new__(Responses)
        made.size, made.missing, made.adjoints = _MANY, [], []
        rng = np.random.default_rng(len(site.values))
        for _ in range(_TOGETHER):
            seeds, missing = {}, 0.0
            for name, value in finals.items():
                found = np.asarray(tape.arrays[value], dtype=float)
                truth = fitted(right[name].gradient, found.shape)
                if truth is None or not np.isfinite(truth).all():
                    return None
                seeds[value] = rng.normal(size=found.shape)
                missing += float(np.sum(seeds[value] * (truth - found)))
            made.adjoints.append(Backward(cut, seeds).gradients)
            made.missing.append(missing)
        felt = made.at(site)
        return None if felt is None else (made, felt)

    def at(self, site: Node) -> Any:
        """The gradients of the projections at a site, one in each row; None: it does not count."""
        found = [
            Forward.stacked(site, a) if len(site.values) == 1 else _zeros(site, a)
            for a in self.adjoints
        ]
        if not found or any(f is None for f in found):
            return None
        return np.stack([np.ravel(f) for f in found])

    def factors(self, felt: Any, user: Any, rows: Any) -> Any:
        """For each row, the factor with which it makes all projections right in place of `user`.

        NaN where there is none.
        """
        slopes = rows @ felt.T  # (rows, projections)
        wanted = np.array(self.missing) + felt @ np.ravel(user)
        with np.errstate(all="ignore"):
            k = slopes @ wanted / np.sum(slopes * slopes, axis=1)
            whole, part = np.round(k), 1 / np.round(1 / k)
            for plain in (whole, part):
                k = np.where(np.abs(k - plain) < 1e-6 * np.abs(plain), plain, k)
            off = np.max(np.abs(wanted - k[:, None] * slopes), axis=1)
            fits = off <= 1e-6 * (np.max(np.abs(wanted)) + 1e-300)
            if self.size <= 2:  # too few numbers to tell any factor from a coincidence
                fits &= (k == whole) | (k == part)
        return np.where(fits & (k != 0), k, np.nan)


def _zeros(site: Node, gradients: Mapping[Value, Any]) -> Any:
    """The gradients of a loop's values, zero where one of them does not count."""
    parts = [gradients.get(v) for v in site.values]
    if all(p is None for p in parts):
        return None
    shape = site.array.shape[1:]
    return np.stack([np.zeros(shape) if p is None else np.broadcast_to(p, shape) for p in parts])
