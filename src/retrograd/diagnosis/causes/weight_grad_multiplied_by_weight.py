"""dw = delta * w instead of delta * input."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "weight_grad_multiplied_by_weight",
    "RG549",
    "wrong operand",
    "the weight gradient is multiplied by the weight in place of the input",
    "The derivative of w * x with respect to w is x.",
)
def weight_grad_multiplied_by_weight(at: At) -> Iterator[Suspect]:
    for p in at.products:
        rows, columns = p.g.sum(axis=0), p.g.sum(axis=-1)
        for total in (rows, columns, p.g.sum(), rows[..., None], columns[..., None]):
            for w in (at.node.array, at.node.array.T):
                try:
                    made = total * w
                except ValueError:
                    continue
                yield Suspect(made, "times the weight", "times the input", weight=2)
    if at.is_parameter and at.needed.size > 1:
        zero = np.zeros(at.needed.shape)
        yield Suspect(
            zero, "the weight, times a number", "times the input", at.node.array, weight=1
        )
