"""The delta is multiplied by the activation value itself instead of its derivative."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "activation_used_as_derivative",
    "RG522",
    "activation derivative",
    "the gradient is multiplied by the activation itself, not by its slope",
    "The chain rule multiplies by f'(z), how fast f changes, not by f(z).",
)
def activation_used_as_derivative(at: At) -> Iterator[Suspect]:
    for e in at.whole_activations:
        g = at.gradient(e.a)
        yield Suspect(g * e.a.array, f"times {e.a.text}", weight=2)
