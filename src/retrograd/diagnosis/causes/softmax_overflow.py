"""exp of raw logits."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "softmax_overflow",
    "RG566",
    "numerics",
    "exp overflows in a softmax: inf / inf is NaN",
    "exp(710) is too large for float64. Softmax does not change if the largest logit is "
    "subtracted.",
    fix="np.exp(z - z.max(axis=1, keepdims=True))",
)
def softmax_overflow(at: At) -> Iterator[Suspect]:
    yield from ()  # found in the forward pass: see beside.py
