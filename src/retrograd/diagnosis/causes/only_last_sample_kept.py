"""Gradient buffers reset per sample, or =+ typed for +=."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause
from retrograd.diagnosis.kinds import has_windows, is_recurrent
from retrograd.diagnosis.numbers import ratio


@cause(
    "only_last_sample_kept",
    "RG563",
    "aliasing",
    "only the last example is left in this gradient: the others are overwritten",
    "Each example adds its part: make the buffer once, before the loop, and use +=.",
)
def only_last_sample_kept(at: At) -> Iterator[Suspect]:
    if has_windows(at.forward) or is_recurrent(at.forward):
        return  # a loop over windows: accumulator_overwritten; over time: no vocabulary's word
    if at.user is not None and ratio(at.needed, at.user) is not None:
        return  # all of them, times a number
    parts = at.executions
    if len(parts) > 1 and np.shape(parts[0]) == at.needed.shape:
        total = np.sum(parts, axis=0) / at.factor
        for scale in (1.0, 1 / at.sizes.n, float(at.sizes.n)):
            if np.allclose(total * scale, at.needed, rtol=1e-7, atol=1e-12):
                yield Suspect(at.user, "one part of a sum", "+=", weight=6)
    for n in range(-1, 1):
        for one in at.one_example(n):
            yield Suspect(one, "one example's part", "+=", weight=2)
            yield Suspect(one * at.sizes.n, "one example's part", "+=", weight=2)
