"""p - y is already the gradient of the pre-activation, and the derivative is applied on top."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause
from retrograd.diagnosis.look import is_sigmoid


@cause(
    "combined_gradient_times_activation_derivative",
    "RG515",
    "softmax",
    "p - y is the gradient of the logits already; the slope is applied on top of it",
    "The slope of softmax (or sigmoid) has cancelled against the 1/p of the logarithm.",
    "call",
)
def combined_gradient_times_activation_derivative(at: At) -> Iterator[Suspect]:
    for s in at.softmaxes:
        p = s.p.array
        needed = at.needed.reshape(p.shape)
        yield Suspect(needed * p * (1 - p), "times p * (1 - p)", "p - y alone", weight=2)
        total = (needed * p).sum(axis=s.axis, keepdims=True)
        yield Suspect(p * (needed - total), "through the Jacobian again", "p - y alone", weight=2)
    for e in at.activations:
        if is_sigmoid(e):
            slope = e.derivative
            yield Suspect(at.needed * slope, "times a * (1 - a)", "a - y alone", weight=2)
