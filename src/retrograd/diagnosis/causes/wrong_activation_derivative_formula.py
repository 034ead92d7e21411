"""The formula itself is wrong: 1+tanh^2, tanh, s-(1-s), swish without beta."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause
from retrograd.diagnosis.kinds import in_loss
from retrograd.diagnosis.look import depends_on_entries


@cause(
    "wrong_activation_derivative_formula",
    "RG527",
    "activation derivative",
    "the formula of the slope is wrong",
    "Compare with the slope of the forward function: differences of f along z.",
    "factor",
)
def wrong_activation_derivative_formula(at: At) -> Iterator[Suspect]:
    for e in at.activations:
        g = at.gradient(e.a)
        if (g.size and np.ptp(g) == 0) or in_loss(at.forward, e.z.values[0]):
            continue  # the loss itself
        if at.user is not None and depends_on_entries(at.user, g, e):
            yield Suspect(
                at.user, f"a function of {e.z.text or 'z'} that is not its slope", weight=0.4
            )
