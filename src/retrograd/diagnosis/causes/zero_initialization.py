"""All-zero weights."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "zero_initialization",
    "RG577",
    "training",
    "the weights are all equal at the start, so all units stay equal",
    "Units with equal weights get equal gradients: a hidden layer then has one unit, many"
    " times. Draw them at random.",
    fix="rng.normal(size=shape) * np.sqrt(2 / inputs)",
)
def zero_initialization(at: At) -> Iterator[Suspect]:
    yield from ()  # found by running steps: see training.py
