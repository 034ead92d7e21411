"""Velocity recreated in step()."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "momentum_buffer_reset_each_step",
    "RG574",
    "training",
    "the velocity begins at zero in each step, so there is no momentum",
    "The velocity is what the steps have in common: make it once, outside of step().",
    fix="keep the velocity between steps",
)
def momentum_buffer_reset_each_step(at: At) -> Iterator[Suspect]:
    yield from ()  # found by running steps: see training.py
