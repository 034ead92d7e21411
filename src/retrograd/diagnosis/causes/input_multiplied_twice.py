"""The error term already contains x and x is multiplied in again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "input_multiplied_twice",
    "RG550",
    "wrong operand",
    "the input is multiplied in twice",
    "x belongs into the weight gradient once.",
)
def input_multiplied_twice(at: At) -> Iterator[Suspect]:
    for p in at.products:
        yield Suspect(p.back(p.other**2), "the input squared", "the input once", weight=2)
    if at.node.array.shape == at.needed.shape:
        for x in at.values(at.needed.shape):
            if any(v in at.forward.active for v in x.values) or not all(
                map(np.any, np.atleast_1d(x.array))
            ):
                continue  # no data: a state before the first step
            yield Suspect(at.needed * x.array, f"times {x.text} again", weight=0.8)
