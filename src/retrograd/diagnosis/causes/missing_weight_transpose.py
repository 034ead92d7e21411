"""delta @ W instead of delta @ W.T with square W."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "missing_weight_transpose",
    "RG541",
    "layout",
    "the weights are not transposed on the way back",
    "Forward x @ W goes from D to K units; back it goes from K to D, with W.T. Square weights"
    " hide it.",
)
def missing_weight_transpose(at: At) -> Iterator[Suspect]:
    for p in at.products:
        node = p.other_node
        weights = node is None or all(v in at.forward.weights for v in node.values)
        if p.other.shape[0] == p.other.shape[1] and weights:
            yield Suspect(p.back(p.other.T), "W in place of W.T", "transpose it", weight=3)
