"""Summed over units instead of samples."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "bias_grad_wrong_axis",
    "RG535",
    "bias",
    "the bias gradient is summed over the wrong axis",
    "Sum over the examples: what is left has the shape of the bias.",
)
def bias_grad_wrong_axis(at: At) -> Iterator[Suspect]:
    for b in at.biases:
        for axis in range(b.g.ndim) if b.g.ndim > 1 else ():
            if axis not in b.axes:
                yield Suspect(b.g.sum(axis=axis), f"summed over axis {axis}", weight=2)
