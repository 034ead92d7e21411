"""* or np.multiply where a matrix product is needed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "elementwise_instead_of_matmul",
    "RG544",
    "layout",
    "entries are multiplied with * where a matrix product is needed",
    "Each input reaches every unit: the gradient adds up over all of them, as delta @ W.T does.",
)
def elementwise_instead_of_matmul(at: At) -> Iterator[Suspect]:
    for p in at.products:
        for one in (p.g, p.g.T):
            for other in (p.other, p.other.T):
                try:
                    made = one * other
                except ValueError:
                    continue
                for whole in (made, made.sum(axis=0), made.sum(axis=-1)):
                    if whole.shape == at.needed.shape[-whole.ndim :]:
                        whole = np.broadcast_to(whole, at.needed.shape)
                    yield Suspect(whole, "multiplied entry by entry", "@", weight=2)
