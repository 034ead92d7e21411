"""dW2.T instead of W2.T."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "used_weight_gradient_instead_of_weight",
    "RG545",
    "wrong operand",
    "the weight gradient is used where the weight belongs",
    "Back through z = x @ W goes delta @ W.T, with the weights themselves.",
)
def used_weight_gradient_instead_of_weight(at: At) -> Iterator[Suspect]:
    for p in at.products:
        if p.other_node is None or p.other_node not in at.forward.moving:
            continue
        g = p.as_other(at.gradient(p.other_node))
        if g is not None:
            yield Suspect(p.back(g), "dW in place of W", "the weights", weight=2)
