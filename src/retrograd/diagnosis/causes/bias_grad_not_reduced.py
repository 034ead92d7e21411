"""The bias gradient keeps the batch axis."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "bias_grad_not_reduced",
    "RG534",
    "bias",
    "the bias gradient keeps the axis of the examples",
    "The bias was copied to all examples; its gradient is the sum over these copies.",
    "name",
)
def bias_grad_not_reduced(at: At) -> Iterator[Suspect]:
    for b in at.biases:
        yield Suspect(b.g, "one row for each example", "sum over the examples", weight=3)
