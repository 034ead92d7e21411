"""Backward rescales but forgets the mask."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "dropout_mask_not_applied_backward",
    "RG554",
    "regularization",
    "the dropout mask is not applied on the way back",
    "What was dropped in the forward pass did not reach the loss: its gradient is 0.",
    "first",
)
def dropout_mask_not_applied_backward(at: At) -> Iterator[Suspect]:
    for g, slope, mask in at.drops():
        scale = float(np.max(mask))
        yield Suspect(g * slope * scale, "scaled and not masked", weight=4)
        yield Suspect(g * slope, "not masked", weight=4)
