"""Forward and backward scale by different factors."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause
from retrograd.diagnosis.numbers import ratio
from retrograd.diagnosis.sizes import nearly


@cause(
    "dropout_scale_mismatch",
    "RG555",
    "regularization",
    "forward and backward scale by different factors",
    "The mask of the forward pass with its factor 1/keep is the slope: multiply by the very "
    "same array.",
)
def dropout_scale_mismatch(at: At) -> Iterator[Suspect]:
    for g, slope, mask in at.drops():
        scale = float(np.max(mask))
        kept = (mask != 0) * slope * g
        for other in (1.0, 1 / scale, scale**2, scale / (1 - 1 / scale) if scale != 1 else 2.0):
            if not np.isclose(other, scale):
                yield Suspect(kept * other, f"scaled by {other:.4g}, not {scale:.4g}", weight=5)
        k = ratio(at.needed, at.user) if at.user is not None else None
        usual = (1.0, -1.0, at.sizes.n, 1 / at.sizes.n)
        if k is not None and not any(nearly(k, x) for x in usual):
            yield Suspect(at.user, f"scaled by {k * scale:.4g}, not {scale:.4g}", weight=4.5)
