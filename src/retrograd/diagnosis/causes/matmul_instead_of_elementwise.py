"""np.dot where * is needed, shapes happen to fit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "matmul_instead_of_elementwise",
    "RG543",
    "layout",
    "a matrix product stands where entries belong to entries",
    "A function of single entries has a diagonal Jacobian: its slope multiplies entry by "
    "entry, with *.",
)
def matmul_instead_of_elementwise(at: At) -> Iterator[Suspect]:
    for e in at.activations:
        g, d = at.gradient(e.a), e.derivative
        if g.shape[-1:] == (1,) or np.ptp(d) == 0:
            continue
        row_by_row = np.sum(g * d, axis=-1, keepdims=True) * np.ones(g.shape)
        yield Suspect(row_by_row, "np.dot with the slope", weight=3)
        for one, other in ((g, d), (d, g), (g.T, d), (g, d.T), (d.T, g), (d, g.T)):
            if one.ndim and other.ndim and one.shape[-1] == other.shape[max(0, other.ndim - 2)]:
                made = np.dot(one, other)
                if made.shape in (at.needed.shape, ()):
                    yield Suspect(
                        made * np.ones(at.needed.shape), "np.dot with the slope", weight=3
                    )
