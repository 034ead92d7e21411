"""Upper weights are updated before the lower delta is computed."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "weights_updated_before_backprop",
    "RG571",
    "training",
    "the weights above are updated before the gradient is sent back through them",
    "The gradient belongs to the weights of the forward pass: compute all gradients first, "
    "then update.",
)
def weights_updated_before_backprop(at: At) -> Iterator[Suspect]:
    for product, slope in at.products_below():
        if product.other_node is None or product.other_node not in at.forward.moving:
            continue
        g = product.as_other(at.gradient(product.other_node))
        if g is not None:
            step = product.back(g) * slope
            yield Suspect(at.needed, "made with weights that have moved", free=step, weight=2)
