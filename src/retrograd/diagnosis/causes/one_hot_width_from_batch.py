"""One-hot width Y.max()+1 depends on the batch."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "one_hot_width_from_batch",
    "RG559",
    "data",
    "the width of the one-hot labels is the largest label of the batch",
    "A batch without the last class has one column less: give the number of classes.",
    fix="np.eye(classes)[y]",
)
def one_hot_width_from_batch(at: At) -> Iterator[Suspect]:
    yield from ()  # found in the forward pass: see beside.py
