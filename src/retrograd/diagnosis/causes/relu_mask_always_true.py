"""The mask tests >= 0 on the already rectified activation."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause
from retrograd.diagnosis.look import is_relu


@cause(
    "relu_mask_always_true",
    "RG529",
    "activation derivative",
    "the mask is always true: the rectified activation is never below 0",
    "a >= 0 holds everywhere after a ReLU; test z > 0, or a > 0.",
    "factor",
)
def relu_mask_always_true(at: At) -> Iterator[Suspect]:
    for e in at.activations:
        if is_relu(e) and any(m.all() or not m.any() for m in at.masks):
            yield Suspect(at.gradient(e.a), "nothing is masked", weight=4)
