"""A derivative or backward function overwrites a cached array that is used later."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "inplace_mutation",
    "RG561",
    "aliasing",
    "an array is written into, and used afterwards as if it were not",
    "a *= ... and x[k] = ... change the array itself, for every name that it has: work on a copy.",
)
def inplace_mutation(at: At) -> Iterator[Suspect]:
    yield from ()  # found by repairing the tape: see repairs.py
