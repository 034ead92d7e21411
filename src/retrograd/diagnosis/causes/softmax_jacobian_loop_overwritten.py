"""The i==j / i!=j formula is coded as two loops that assign gradient[i]; the last j survives."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "softmax_jacobian_loop_overwritten",
    "RG513",
    "softmax",
    "the loop over the Jacobian assigns, so only one of its columns survives",
    "Each entry is a sum over all classes: dz[i] += ..., not dz[i] = ....",
    "last",
)
def softmax_jacobian_loop_overwritten(at: At) -> Iterator[Suspect]:
    for s in at.softmaxes:
        p, g = (np.moveaxis(x, s.axis, -1) for x in (s.p.array, at.gradient(s.p)))
        for j in (-1, 0):
            column = -p * p[..., j : j + 1 if j >= 0 else None]  # J[i, j]
            column[..., j] += p[..., j]
            for factor in (g[..., j : j + 1 if j >= 0 else None], g, 1.0):
                made = np.moveaxis(column * factor, -1, s.axis)
                yield Suspect(made, "only the last class is left", "+= in the inner loop", weight=3)
