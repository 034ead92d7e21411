"""Gradient added to the weights."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "ascent_instead_of_descent",
    "RG572",
    "training",
    "the gradient is added to the weights: the loss goes up",
    "A gradient points uphill; a step of descent subtracts it.",
    fix="W -= rate * dW",
)
def ascent_instead_of_descent(at: At) -> Iterator[Suspect]:
    yield from ()  # found by running steps: see training.py
