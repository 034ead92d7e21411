"""The loss is a mean over the batch, (part of) the gradient is the sum."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "missing_batch_mean",
    "RG501",
    "scale",
    "the loss is a mean over the batch, and this gradient is the sum",
    "Each of the N examples counts 1/N in the mean, so 1/N stands in the gradient as well, once.",
    "made",
)
def missing_batch_mean(at: At) -> Iterator[Suspect]:
    for n in at.sizes.examples[:1]:
        yield Suspect(at.needed * n, f"N = {n} times too large", "divide by N once", weight=3)
