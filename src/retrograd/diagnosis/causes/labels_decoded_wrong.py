"""argmax of labels that already are integers."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "labels_decoded_wrong",
    "RG557",
    "data",
    "argmax of labels that are class numbers already",
    "argmax gives places, along an axis of one-hot rows; of class numbers it gives one "
    "place for all, or 0s.",
    fix="use the class numbers as they are",
)
def labels_decoded_wrong(at: At) -> Iterator[Suspect]:
    yield from ()  # found in the forward pass: see beside.py
