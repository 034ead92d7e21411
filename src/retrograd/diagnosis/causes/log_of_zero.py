"""log(0) or 0*log(0) after saturation."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "log_of_zero",
    "RG567",
    "numerics",
    "the logarithm of a probability that is 0",
    "A probability underflows to 0 where the network is sure; the log of a softmax is "
    "finite for any logits.",
    fix="z - logsumexp(z) in place of log(softmax(z))",
)
def log_of_zero(at: At) -> Iterator[Suspect]:
    yield from ()  # found in the forward pass: see beside.py
