"""Mean, variance or norm treated as constants in backward."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "normalizer_treated_as_constant",
    "RG556",
    "normalization",
    "a statistic is treated as a constant on the way back",
    "The mean, the variance or the length depend on every entry: their own gradients add to "
    "the result.",
    "addend",
)
def normalizer_treated_as_constant(at: At) -> Iterator[Suspect]:
    for names, made in at.cuts():
        yield Suspect(made, f"what it is if {names} did not depend on the input", weight=2)
