"""f' is evaluated at the incoming gradient or error instead of at z or a."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At, shortcut, slope_at
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "derivative_evaluated_on_gradient",
    "RG521",
    "activation derivative",
    "the slope is evaluated at the incoming gradient",
    "The slope belongs to the point where the forward pass was: f'(z), times the gradient.",
    "argument",
)
def derivative_evaluated_on_gradient(at: At) -> Iterator[Suspect]:
    for e in at.activations:
        g = at.gradient(e.a)
        for q in at.errors(e.a):
            yield Suspect(g * slope_at(at, e, q), "the slope at the gradient", weight=2)
            for made in shortcut(e, q):
                yield Suspect(g * made, "the slope's formula applied to the gradient", weight=2)
