"""The mask lets through exactly the dead units."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause
from retrograd.diagnosis.look import is_relu


@cause(
    "relu_mask_inverted",
    "RG530",
    "activation derivative",
    "the mask lets through exactly the dead units",
    "The gradient passes where z > 0.",
    "factor",
)
def relu_mask_inverted(at: At) -> Iterator[Suspect]:
    for e in at.activations:
        if is_relu(e):
            g = at.gradient(e.a)
            yield Suspect(g * (1 - e.derivative), "the other units", weight=3)
