"""mean((p-y)^2) differentiated as (p-y)/n."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause
from retrograd.diagnosis.look import squares


@cause(
    "missing_factor_two",
    "RG504",
    "scale",
    "the 2 of the square is missing",
    "The derivative of (p - y)**2 is 2 * (p - y): right direction, half the length.",
)
def missing_factor_two(at: At) -> Iterator[Suspect]:
    if squares(at):
        yield Suspect(at.needed / 2, "half of what it should be", "multiply by 2", weight=2.5)
