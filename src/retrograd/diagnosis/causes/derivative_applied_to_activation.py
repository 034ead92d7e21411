"""A derivative written for z is called with a (sigmoid or tanh applied twice)."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At, slope_at
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "derivative_applied_to_activation",
    "RG525",
    "activation derivative",
    "a slope written for z is given a, so the activation is applied twice",
    "f'(z) computes f(z) itself; given a = f(z) it computes f(f(z)).",
    "argument",
)
def derivative_applied_to_activation(at: At) -> Iterator[Suspect]:
    for e in at.activations:
        g = at.gradient(e.a)
        yield Suspect(g * slope_at(at, e, e.a.array), f"the slope at {e.a.text}", weight=2)
