"""Forward: np.sum without axis normalizes over all samples together."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause
from retrograd.diagnosis.look import over_all, p_minus_y


@cause(
    "softmax_normalized_over_whole_batch",
    "RG520",
    "softmax",
    "softmax is normalized over the whole batch: all examples share one sum",
    "Each example has probabilities of its own, which add up to 1: axis=1, keepdims=True for rows.",
)
def softmax_normalized_over_whole_batch(at: At) -> Iterator[Suspect]:
    for p in over_all(at):
        for classes in (0, 1):
            yield p_minus_y(at, p, classes)
