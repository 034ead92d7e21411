"""P[:, y] -= 1 instead of P[np.arange(N), y] -= 1."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause
from retrograd.diagnosis.look import labelled


@cause(
    "label_column_decremented_for_every_row",
    "RG518",
    "softmax",
    "P[:, y] -= 1 takes 1 from these columns in every row",
    "Each example has one label: P[np.arange(N), y] -= 1 pairs the rows with the labels.",
)
def label_column_decremented_for_every_row(at: At) -> Iterator[Suspect]:
    for p, y, scale in labelled(at):
        for axis in (0, 1) if y.ndim == 2 else ():
            any_row = np.broadcast_to(np.max(y, axis=axis, keepdims=True), y.shape)
            count = np.broadcast_to(np.sum(y, axis=axis, keepdims=True), y.shape)
            for taken in (any_row, count):
                yield Suspect(
                    scale * (p - taken),
                    "every label in every row",
                    "P[np.arange(N), y] -= 1",
                    weight=3
                    if any(np.ndim(t) and np.asarray(t).dtype.kind in "iu" for t in at.taken)
                    else 1.5,
                )
