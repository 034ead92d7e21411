"""Fancy-index += with repeated indices."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "duplicate_index_overwritten",
    "RG564",
    "aliasing",
    "repeated indices overwrite each other: x[i] += g keeps one of them",
    "NumPy reads, adds and writes once for each place; np.add.at(x, i, g) adds for each index.",
)
def duplicate_index_overwritten(at: At) -> Iterator[Suspect]:
    yield from ()  # found by repairing the tape: see repairs.py
