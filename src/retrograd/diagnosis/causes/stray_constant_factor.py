"""A constant such as 2 or 4/m sits in one gradient."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause
from retrograd.diagnosis.numbers import ratio
from retrograd.diagnosis.sizes import nearly


@cause(
    "stray_constant_factor",
    "RG505",
    "scale",
    "a constant sits in this gradient that the loss does not have",
    "The direction is right; the length is not.",
)
def stray_constant_factor(at: At) -> Iterator[Suspect]:
    k = ratio(at.needed, at.user) if at.user is not None else None
    if k is not None and np.size(at.user) == 1 and not at.sizes.name(k):
        return  # any two numbers have a ratio
    if k is not None and k > 0 and not nearly(k, 1):
        yield Suspect(at.user, f"{k:.6g} times what it should be", weight=0.5)
