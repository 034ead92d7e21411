"""dW multiplies with the pre-activation of the layer below."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "weight_grad_uses_preactivation",
    "RG548",
    "wrong operand",
    "the weight gradient multiplies with the pre-activation of the layer below",
    "z = a @ W + b: the weights were multiplied by a = f(z_below), so their gradient is a.T @"
    " delta.",
)
def weight_grad_uses_preactivation(at: At) -> Iterator[Suspect]:
    for p in at.products:
        if p.other_node is None:
            continue
        for z in at.before(p.other_node):
            made = p.as_other(z.array)
            if made is not None:
                yield Suspect(p.back(made), f"{z.text} in place of {p.other_node.text}", weight=2)
