"""The last layer sends back p - 1 (or p): the labels do not appear."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause
from retrograd.diagnosis.look import labelled


@cause(
    "labels_missing_from_gradient",
    "RG516",
    "softmax",
    "the labels do not appear in the gradient",
    "The gradient of the logits is p - y: p moved towards the labels y. Without y it knows "
    "nothing of them.",
    "use of it",
)
def labels_missing_from_gradient(at: At) -> Iterator[Suspect]:
    for p, _, scale in labelled(at):
        yield Suspect(scale * p, "p alone", "p - y", weight=2)
        yield Suspect(scale * (p - 1), "p - 1", "p - y", weight=2)
