"""Forward: the softmax sums over the samples (Python sum() or axis=0 on rows)."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause
from retrograd.diagnosis.look import over_examples, p_minus_y


@cause(
    "softmax_normalized_over_wrong_axis",
    "RG519",
    "softmax",
    "softmax makes the examples compete: it sums over them, not over the classes",
    "Each example has probabilities of its own, which add up to 1: axis=1, keepdims=True for rows.",
)
def softmax_normalized_over_wrong_axis(at: At) -> Iterator[Suspect]:
    for p, classes in over_examples(at):
        yield p_minus_y(at, p, classes)
