"""Squared error with a sigmoid output, but the output delta lacks sigma'(z)."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "missing_output_activation_derivative",
    "RG523",
    "activation derivative",
    "the output's slope is missing: this is the gradient after the activation",
    "The error p - y is the gradient of the output; times f'(z) it is the gradient of what "
    "went in.",
    "use",
)
def missing_output_activation_derivative(at: At) -> Iterator[Suspect]:
    for s in at.softmaxes:
        yield Suspect(
            at.gradient(s.p).reshape(at.needed.shape),
            "the Jacobian of softmax is left out",
            "J.T @ g; as it is, it fits only a loss that sends p - y",
            weight=2,
        )
    for e in at.whole_activations:
        if at.is_last(e.a):
            yield Suspect(at.gradient(e.a), f"the slope of {e.a.text} is left out", weight=3)
