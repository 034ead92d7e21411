"""Softmax backward multiplies by s*(1-s), the diagonal of the Jacobian, as if elementwise."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "softmax_elementwise_derivative",
    "RG512",
    "softmax",
    "softmax was differentiated elementwise; it needs its full Jacobian",
    "Every logit moves every probability, so the Jacobian diag(p) - p p^T is no diagonal matrix.",
    "factor",
)
def softmax_elementwise_derivative(at: At) -> Iterator[Suspect]:
    for s in at.softmaxes:
        p, g = s.p.array, at.gradient(s.p)
        yield Suspect(
            g * p * (1 - p),
            "the diagonal of the Jacobian only",
            "p * (dp - (dp * p).sum(axis, keepdims=True))",
            weight=3,
        )
