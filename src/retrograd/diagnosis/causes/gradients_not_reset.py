"""Accumulators never zeroed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "gradients_not_reset",
    "RG573",
    "training",
    "the gradients of earlier steps are still in the buffers",
    "Each step takes the sum of all gradients so far: set the buffers to zero before each"
    " backward pass.",
    fix="dW[...] = 0 before the backward pass",
)
def gradients_not_reset(at: At) -> Iterator[Suspect]:
    for rounds in (2, 3, 4, 5):  # one step of the user's code; several: see training.py
        parts = [np.asarray(a, dtype=float) for a in at.taken]
        if len(parts) != 2 or any(p.shape != np.shape(at.needed) for p in parts):
            return
        last, before = at.needed * at.factor, at.needed * at.factor * (rounds - 1)
        if any(np.allclose(p, last) and np.allclose(q, before) for p, q in (parts, parts[::-1])):
            yield Suspect(at.needed * rounds, f"the same gradient {rounds} times", weight=5)
