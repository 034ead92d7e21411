"""np.sum(dZ) without axis gives one scalar for all units."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "bias_grad_summed_over_everything",
    "RG533",
    "bias",
    "the bias gradient is one number: it is summed over everything",
    "Each unit has a bias of its own; add up over the examples only.",
    "sum",
)
def bias_grad_summed_over_everything(at: At) -> Iterator[Suspect]:
    for b in at.biases:
        total = float(np.sum(b.g))
        yield Suspect(np.full(at.needed.shape, total), "the sum of all entries", weight=3)
