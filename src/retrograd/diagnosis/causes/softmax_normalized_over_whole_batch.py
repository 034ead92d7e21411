"""Forward: np.sum without axis normalizes over all samples together."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause
from retrograd.diagnosis.look import over_all


@cause(
    "softmax_normalized_over_whole_batch",
    "RG520",
    "softmax",
    "softmax is normalized over the whole batch: all examples share one sum",
    "Each example has probabilities of its own, which add up to 1: axis=1, keepdims=True for rows.",
)
def softmax_normalized_over_whole_batch(at: At) -> Iterator[Suspect]:
    for p, axis in over_all(at):
        targets = -at.gradient(p) * p.array
        for classes in (axis,) if axis is not None else (0, 1):
            scale = targets.sum(axis=classes, keepdims=True)
            made = p.array * scale - targets
            yield Suspect(
                made, "p - y, which holds for a softmax of each example", line=p.where, weight=5
            )
