"""y - p returned as the gradient and subtracted."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "flipped_sign",
    "RG507",
    "sign",
    "the sign is flipped: this is the direction downhill",
    "A gradient points uphill, and the update subtracts it; y - p is minus the gradient.",
    "sign",
)
def flipped_sign(at: At) -> Iterator[Suspect]:
    yield Suspect(-at.needed, "minus what it should be", "p - y, not y - p", weight=3)
