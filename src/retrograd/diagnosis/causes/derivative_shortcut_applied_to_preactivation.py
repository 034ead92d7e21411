"""A shortcut written for a (x*(1-x), 1-x**2, y+alpha) is called with z."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At, shortcut
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "derivative_shortcut_applied_to_preactivation",
    "RG526",
    "activation derivative",
    "a slope written for a is given z",
    "a * (1 - a) is the slope of a sigmoid in terms of its result a; with z it is something else.",
    "argument",
)
def derivative_shortcut_applied_to_preactivation(at: At) -> Iterator[Suspect]:
    for e in at.activations:
        g = at.gradient(e.a)
        for z in at.same:
            for made in shortcut(e, z.array):
                yield Suspect(g * made, f"the formula applied to {z.text}", weight=2)
