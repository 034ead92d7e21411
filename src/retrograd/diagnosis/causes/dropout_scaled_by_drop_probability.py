"""Divided by the drop instead of the keep probability; gradient consistent."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "dropout_scaled_by_drop_probability",
    "RG579",
    "training",
    "dropout divides by the probability of dropping, not of keeping",
    "Of the units a share of keep is left: dividing by keep makes up for it.",
    fix="mask / keep",
)
def dropout_scaled_by_drop_probability(at: At) -> Iterator[Suspect]:
    yield from ()  # found in the forward pass: see beside.py
