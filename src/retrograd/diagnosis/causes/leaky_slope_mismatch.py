"""Backward uses another negative slope than forward."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause
from retrograd.diagnosis.look import is_piecewise
from retrograd.diagnosis.numbers import ratio


@cause(
    "leaky_slope_mismatch",
    "RG531",
    "activation derivative",
    "backward uses another negative slope than forward",
    "The slope of the left half is the same number in both directions.",
    "factor",
)
def leaky_slope_mismatch(at: At) -> Iterator[Suspect]:
    for e in at.activations:
        if not is_piecewise(e):
            continue
        g, left = at.gradient(e.a), e.z.array < 0
        if at.user is not None and np.allclose(at.user[~left], at.needed[~left]):
            slope = ratio(g[left], at.user[left]) if left.any() else None
            yield Suspect(
                np.where(left, 0, at.needed), "another slope", free=np.where(left, g, 0), weight=2
            )
            if (
                slope is None
                and left.any()
                and not np.any(at.user[left])
                and np.any(at.needed[left])
            ):
                yield Suspect(np.where(left, 0, at.needed), "no slope at the left", weight=2)
