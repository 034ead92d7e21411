"""reg*sum(W^2) differentiated as reg*W."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "l2_factor_two_missing",
    "RG552",
    "regularization",
    "the 2 of the squared penalty is missing",
    "The derivative of reg * W**2 is 2 * reg * W; with reg / 2 in the loss it is reg * W.",
)
def l2_factor_two_missing(at: At) -> Iterator[Suspect]:
    if at.is_penalty:
        yield Suspect(at.needed / 2, "of the penalty alone", weight=4)
    for part in at.penalties():
        yield Suspect(at.needed - part / 2, "half of the penalty's part", "2 * reg * W", weight=3)
