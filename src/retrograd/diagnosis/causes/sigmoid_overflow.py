"""exp(x)/(exp(x)+1)."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "sigmoid_overflow",
    "RG568",
    "numerics",
    "exp(x) / (exp(x) + 1) overflows: inf / inf is NaN",
    "1 / (1 + exp(-x)) is the same function and overflows to the right limit.",
    fix="1 / (1 + np.exp(-x))",
)
def sigmoid_overflow(at: At) -> Iterator[Suspect]:
    yield from ()  # found in the forward pass: see beside.py
