"""The gradient sent to a hidden layer is not multiplied by that layer's slope."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause
from retrograd.diagnosis.numbers import ratio


@cause(
    "missing_hidden_activation_derivative",
    "RG524",
    "activation derivative",
    "the gradient sent to a hidden layer is not multiplied by its slope",
    "Each activation on the way back multiplies by its slope f'(z): the mask of a ReLU, a * "
    "(1 - a) of a sigmoid.",
    "use",
)
def missing_hidden_activation_derivative(at: At) -> Iterator[Suspect]:
    for e in at.whole_activations:
        g = at.gradient(e.a)
        if not at.is_last(e.a) and ratio(at.needed, g) is None:  # or a number is left out
            yield Suspect(g, f"the slope of {e.a.text} is left out", weight=2)
