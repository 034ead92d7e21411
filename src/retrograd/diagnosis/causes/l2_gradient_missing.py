"""Penalty in the loss, nothing in the gradient."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "l2_gradient_missing",
    "RG551",
    "regularization",
    "the penalty is in the loss, and not in the gradient",
    "reg * sum(W**2) adds 2 * reg * W to the gradient of W.",
)
def l2_gradient_missing(at: At) -> Iterator[Suspect]:
    if at.is_penalty:
        yield Suspect(0 * at.needed, "of the penalty alone", weight=4)
    for part in at.penalties():
        yield Suspect(at.needed - part, "the penalty's part is missing", "+ 2 * reg * W", weight=3)
