"""Bias correction done in place."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "adam_bias_correction_accumulates",
    "RG576",
    "training",
    "the bias correction of Adam is written back into the averages",
    "The corrected average is for this step alone: m_hat = m / (1 - beta1**t), and m "
    "stays as it is.",
    fix="m_hat = m / (1 - beta1**t)",
)
def adam_bias_correction_accumulates(at: At) -> Iterator[Suspect]:
    yield from ()  # found by running steps: see training.py
