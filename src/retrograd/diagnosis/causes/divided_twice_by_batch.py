"""The 1/m is applied in the loss or delta and again in dW, db."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "divided_twice_by_batch",
    "RG502",
    "scale",
    "1/N is applied twice",
    "The mean in the loss brings 1/N into the gradient once; here it is there again.",
    "again",
)
def divided_twice_by_batch(at: At) -> Iterator[Suspect]:
    for n in at.sizes.examples[:1]:
        yield Suspect(at.needed / n, f"N = {n} times too small", "divide by N once", weight=3)
