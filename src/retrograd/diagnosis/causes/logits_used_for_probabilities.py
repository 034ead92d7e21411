"""The softmax derivative formula is fed with the logits instead of the probabilities."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause
from retrograd.diagnosis.look import labelled


@cause(
    "logits_used_for_probabilities",
    "RG517",
    "softmax",
    "the formula is fed with the logits where it needs the probabilities",
    "p - y and the Jacobian are written in p = softmax(z).",
    "argument",
)
def logits_used_for_probabilities(at: At) -> Iterator[Suspect]:
    for s in at.softmaxes:
        g = at.gradient(s.p)
        for z in [n.array for n in at.same if n.array.shape == g.shape] + [
            s.z.array.reshape(g.shape)
        ]:
            yield Suspect(g * z * (1 - z), "z * (1 - z)", "p = softmax(z) first", weight=2)
            total = (g * z).sum(axis=s.axis, keepdims=True)
            yield Suspect(z * (g - total), "the Jacobian of z", "p = softmax(z) first", weight=2)
    for p, y, scale in labelled(at):
        for z in at.values(p.shape):
            yield Suspect(
                scale * (z.array - y), f"{z.text} - y", "softmax of it, minus y", weight=1
            )
