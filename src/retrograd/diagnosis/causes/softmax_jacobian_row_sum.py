"""The Jacobian is collapsed by summing its rows instead of being multiplied with the gradient."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "softmax_jacobian_row_sum",
    "RG514",
    "softmax",
    "the rows of the Jacobian are summed, which gives 0, instead of multiplied",
    "The gradient is J @ dp: each row of J times dp. The rows of J alone always add up to 0.",
    "factor",
)
def softmax_jacobian_row_sum(at: At) -> Iterator[Suspect]:
    if at.softmaxes and at.user is not None and np.max(np.abs(at.user)) < 1e-12:
        yield Suspect(at.user, "all zero but for rounding", "J @ dp", weight=4)
