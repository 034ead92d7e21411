"""ReLU backward zeroes negative upstream gradients instead of positions with negative input."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause
from retrograd.diagnosis.look import is_relu


@cause(
    "relu_mask_on_gradient",
    "RG528",
    "activation derivative",
    "the ReLU mask is taken of the gradient, not of the input",
    "A unit that was dead in the forward pass passes nothing back, whatever the sign of what "
    "comes.",
    "argument",
)
def relu_mask_on_gradient(at: At) -> Iterator[Suspect]:
    for e in at.activations:
        if is_relu(e):
            g = at.gradient(e.a)
            yield Suspect(
                np.where(g > 0, g, 0 * g), "zero where the gradient is negative", weight=4
            )
            yield Suspect(
                np.where(g > 0, at.needed, 0), "zero where the gradient is negative", weight=4
            )
