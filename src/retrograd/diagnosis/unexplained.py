"""What can be said of a wrong gradient that no known mistake makes: facts, and no guess."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from retrograd.diagnosis.finding import Finding
from retrograd.diagnosis.kinds import has_windows, is_recurrent
from retrograd.diagnosis.truth import Truth, fitted

if TYPE_CHECKING:
    from retrograd.diagnosis.at import At


def family_of(at: At) -> str:
    """The family of a mistake whose name is not known: from what stands at its place."""
    if is_recurrent(at.forward):
        return "recurrent"
    if has_windows(at.forward):
        return "convolution"
    if any(True for _ in at.cuts()) and not at.is_last(at.node):
        return "normalization"
    if at.softmaxes:
        return "softmax"
    if at.is_parameter and any(True for _ in at.penalties()):
        return "regularization"
    if at.is_last(at.node):
        return "other loss" if not at.is_parameter else _of_parameter(at)
    if at.activations:
        return "activation derivative"
    return _of_parameter(at)


def _of_parameter(at: At) -> str:
    return "bias" if at.biases else "wrong operand"


def unexplained(wrong: Mapping[str, tuple[Any, Truth]]) -> list[Finding]:
    """One finding for gradients whose first wrong line is not known."""
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
            "unknown",
            tuple(wrong),
            f"{', '.join(wrong)} wrong, and no known mistake makes these numbers",
            evidence=tuple(facts),
        )
    ]


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
