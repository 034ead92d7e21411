"""w = step instead of w += step."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "weight_assigned_not_updated",
    "RG578",
    "training",
    "the weights become the step itself, and forget where they were",
    "A step is added to the weights: W -= rate * dW, not W = -rate * dW.",
    fix="W -= rate * dW",
)
def weight_assigned_not_updated(at: At) -> Iterator[Suspect]:
    yield from ()  # found by running steps: see training.py
