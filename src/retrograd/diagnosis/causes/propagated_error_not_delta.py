"""W.T @ error instead of W.T @ (error * slope)."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "propagated_error_not_delta",
    "RG547",
    "wrong operand",
    "the error is sent back without the slope of the layer above",
    "What goes back through the weights is delta = error * f'(z), not the error.",
)
def propagated_error_not_delta(at: At) -> Iterator[Suspect]:
    for product, slope in at.products_below():
        for made in at.swapped(product):
            yield Suspect(
                made * slope, "the slope above is left out", "delta, not the error", weight=2
            )
