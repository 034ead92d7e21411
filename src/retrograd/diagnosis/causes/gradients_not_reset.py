"""Accumulators never zeroed."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "gradients_not_reset",
    "RG573",
    "training",
    "the gradients of earlier steps are still in the buffers",
    "Each step takes the sum of all gradients so far: set the buffers to zero before each"
    " backward pass.",
    fix="dW[...] = 0 before the backward pass",
)
def gradients_not_reset(at: At) -> Iterator[Suspect]:
    yield from ()  # found by running steps: see training.py
