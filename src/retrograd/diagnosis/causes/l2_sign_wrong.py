"""weight decay subtracted from the gradient."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "l2_sign_wrong",
    "RG553",
    "regularization",
    "the penalty is subtracted from the gradient",
    "The penalty pulls weights towards 0: its gradient has the sign of W and is added.",
)
def l2_sign_wrong(at: At) -> Iterator[Suspect]:
    if at.is_penalty:
        yield Suspect(-at.needed, "of the penalty alone", weight=4)
    for part in at.penalties():
        yield Suspect(at.needed - 2 * part, "minus the penalty's part", "+ 2 * reg * W", weight=3)
