"""dW is the transpose of the right matrix (square)."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "weight_grad_transposed",
    "RG542",
    "layout",
    "this is the transpose of the right matrix",
    "x.T @ delta has the shape of W; delta.T @ x is its transpose. Square weights hide it.",
)
def weight_grad_transposed(at: At) -> Iterator[Suspect]:
    if at.needed.ndim == 2:
        yield Suspect(at.needed.T, "transposed", "transpose it", weight=3)
    if at.needed.ndim == 3:
        yield Suspect(at.needed.swapaxes(1, 2), "transposed", "transpose it", weight=3)
