"""Multiplied by 1-beta^t instead of divided."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "adam_bias_correction_multiplied",
    "RG575",
    "training",
    "the bias correction of Adam is multiplied where it divides",
    "The averages begin at 0 and are too small at first: dividing by 1 - beta**t makes up for it.",
    fix="m / (1 - beta1**t)",
)
def adam_bias_correction_multiplied(at: At) -> Iterator[Suspect]:
    yield from ()  # found by running steps: see training.py
