"""Mean, variance or norm treated as constants in backward."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause
from retrograd.diagnosis.numbers import ratio


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
        said = f"what it is if {names} did not depend on the input"
        yield Suspect(made, said, weight=2, family="softmax" if _of_softmax(at) else "")


def _of_softmax(at: At) -> bool:
    """Whether it is a softmax that is divided by its own sum here."""
    return any(ratio(at.gradient(s.z), at.needed) is not None for s in at.forward.softmaxes)
