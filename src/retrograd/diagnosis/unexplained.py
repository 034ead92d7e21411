"""What can be said of a wrong gradient that no known mistake makes: facts, and no guess."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from retrograd.diagnosis.by_numbers import by_numbers
from retrograd.diagnosis.finding import Finding
from retrograd.diagnosis.kinds import has_windows, is_recurrent
from retrograd.diagnosis.truth import Truth, fitted

if TYPE_CHECKING:
    from retrograd.diagnosis.forward import Forward


def unexplained(
    wrong: Mapping[str, tuple[Any, Truth]], examples: int = 0, forward: Forward | None = None
) -> list[Finding]:
    """The findings for gradients whose first wrong line is not known.

    Args:
        wrong: what the user has and what is right, by the gradient's name.
        examples: how many examples there are; 0 where that is not known.
        forward: the forward pass, where it could be recorded.
    """
    named = by_numbers(wrong, examples)
    known = {q for finding in named for q in finding.quantities}
    wrong = {name: pair for name, pair in wrong.items() if name not in known}
    return named + _without_name(wrong, forward) if wrong else named


def _without_name(wrong: Mapping[str, tuple[Any, Truth]], forward: Forward | None) -> list[Finding]:
    facts = []
    for name, (found, truth) in wrong.items():
        array = fitted(found, truth.gradient.shape)
        if array is None:
            facts.append(f"{name} has shape {np.shape(found)}, its input {truth.gradient.shape}")
            continue
        off = np.abs(array - truth.gradient) > 1e-5 * np.max(np.abs(truth.gradient), initial=1e-300)
        facts.append(f"{name}: {int(off.sum())} of {off.size} entries are wrong{_which(off)}")
    return [
        Finding(
            "RG590",
            None,
            _family(forward),
            tuple(wrong),
            f"{', '.join(wrong)} wrong, and no known mistake makes these numbers",
            evidence=tuple(facts),
        )
    ]


def _family(forward: Forward | None) -> str:
    """The family of a mistake of which no line is known."""
    if forward is None:
        return "unknown"
    if is_recurrent(forward):
        return "recurrent"
    return "convolution" if has_windows(forward) else "wrong operand"


def _which(off: Any) -> str:
    """The rows or columns that hold all wrong entries, where that says something."""
    if off.ndim != 2 or off.all():
        return ""
    for axis, word in ((1, "rows"), (0, "columns")):
        hit = np.flatnonzero(off.any(axis=axis))
        if (
            len(hit) < off.shape[1 - axis]
            and off.any(axis=axis).sum() * off.shape[axis] == off.sum()
        ):
            return f", all of {word} {', '.join(map(str, hit))}"
    return ""
