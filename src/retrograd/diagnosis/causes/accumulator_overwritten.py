"""= instead of += where windows overlap."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "accumulator_overwritten",
    "RG562",
    "aliasing",
    "windows that overlap overwrite each other: = where += is needed",
    "Each window sends something back to every entry that it covers; an entry adds up what it"
    " gets.",
)
def accumulator_overwritten(at: At) -> Iterator[Suspect]:
    yield from ()  # found by repairing the tape: see repairs.py
