"""Right gradient, features of size 1e4, learning rate 0.01."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "unscaled_inputs",
    "RG558",
    "data",
    "the inputs are large, and steps of this size overshoot",
    "Gradients of first weights are as large as the inputs: bring features to about 1.",
    fix="X = (X - X.mean(axis=0)) / X.std(axis=0)",
)
def unscaled_inputs(at: At) -> Iterator[Suspect]:
    yield from ()  # found by running steps: see training.py
