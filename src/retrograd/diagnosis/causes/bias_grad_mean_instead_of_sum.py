"""Only the bias gradient is averaged."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "bias_grad_mean_instead_of_sum",
    "RG506",
    "scale",
    "only the bias gradient is averaged over the examples",
    "The bias was added to every example, so its gradient adds up over them; 1/N is in delta "
    "already.",
)
def bias_grad_mean_instead_of_sum(at: At) -> Iterator[Suspect]:
    if at.is_parameter and at.biases:
        for n in at.sizes.examples[:1]:
            yield Suspect(
                at.needed / n, f"N = {n} times too small", "sum over the examples", weight=4
            )
