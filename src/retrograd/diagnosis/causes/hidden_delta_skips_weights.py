"""The hidden delta uses the output error directly, not W.T @ delta."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "hidden_delta_skips_weights",
    "RG546",
    "wrong operand",
    "the hidden delta uses the output error directly, without the weights",
    "The error reaches a hidden unit through the weights: delta @ W.T first, then the slope.",
)
def hidden_delta_skips_weights(at: At) -> Iterator[Suspect]:
    for e in at.activations:
        if len(e.z.values) > 1 and e.z.array.ndim == 1:  # a loop over units, one number at a time
            for node in at.forward.moving:
                g = at.gradient(node)
                if g.ndim == 1 and 1 < g.size < e.z.array.size and e.z.array.size % g.size == 0:
                    made = np.repeat(g, e.z.array.size // g.size) * e.derivative
                    yield Suspect(made, "the weights are left out", weight=1)
    for product, slope in at.products_below():
        for error in (*at.errors_of(product), product.g):
            try:
                made = np.broadcast_to(error * slope, at.needed.shape)
            except ValueError:
                continue
            yield Suspect(made, "the weights are left out", weight=2)
