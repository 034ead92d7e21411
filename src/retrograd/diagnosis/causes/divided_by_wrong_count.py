"""Divided by the number of rows instead of all entries, by classes, by units, by a fixed size."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause
from retrograd.diagnosis.look import averages
from retrograd.diagnosis.numbers import ratio
from retrograd.diagnosis.sizes import nearly


@cause(
    "divided_by_wrong_count",
    "RG503",
    "scale",
    "the gradient is divided by the wrong count",
    "The mean in the loss says which number stands below: that of everything it averages over.",
    "count",
)
def divided_by_wrong_count(at: At) -> Iterator[Suspect]:
    k = ratio(at.needed, at.user) if at.user is not None else None
    n = at.sizes.n
    if k is None or k <= 0 or any(nearly(k, x) for x in (1, n, 1 / n)):
        return
    k = next((float(x) for x in (2, 4) if nearly(k, x)), k)
    for count in averages(at):
        divisor = count / k
        whole = abs(divisor - round(divisor)) < 1e-6
        fits = at.sizes.is_size(divisor) if k not in (2, 4) else nearly(divisor, n)
        fits = fits or abs(k - round(k)) > 1e-6
        if whole and fits and at.divides_by(round(divisor)):
            says = f"divided by {divisor:.0f}; the loss averages over {count}"
            yield Suspect(at.user, says, weight=2)
            return
