"""The bias gradient is a sum over the weight gradient, so it contains the inputs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "bias_grad_from_weight_grad",
    "RG536",
    "bias",
    "the bias gradient is taken from the weight gradient, so it contains the inputs",
    "The bias is not multiplied by the inputs: its gradient is the sum of delta alone.",
)
def bias_grad_from_weight_grad(at: At) -> Iterator[Suspect]:
    for name, value in at.forward.parameters.items():
        g = at.forward.backward.gradients.get(value)
        if g is None or np.ndim(g) < 2 or not at.biases:
            continue
        for axis in range(np.ndim(g)):
            for made in (np.sum(g, axis=axis), np.mean(g, axis=axis)):
                yield Suspect(made, f"from d{name}", weight=2)
        yield Suspect(np.full(at.needed.shape, np.sum(g)), f"from d{name}", weight=1.5)
