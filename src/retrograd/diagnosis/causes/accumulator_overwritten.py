"""= instead of += where windows overlap."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause
from retrograd.diagnosis.kinds import has_windows


@cause(
    "accumulator_overwritten",
    "RG562",
    "aliasing",
    "windows that overlap overwrite each other: = where += is needed",
    "Each window sends something back to every entry that it covers; an entry adds up what it"
    " gets.",
)
def accumulator_overwritten(at: At) -> Iterator[Suspect]:
    parts = at.executions  # windows that overlap in one array: see repairs.py
    if has_windows(at.forward) and len(parts) > 1 and np.shape(parts[0]) == at.needed.shape:
        total = np.sum(parts, axis=0) / at.factor
        if np.allclose(total, at.needed, rtol=1e-7, atol=1e-12):
            yield Suspect(at.user, "one part of a sum", "+=", weight=6)
