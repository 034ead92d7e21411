"""What can be said of a wrong gradient that no known mistake makes: facts, and no guess."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from retrograd.diagnosis.backward import depends_on
from retrograd.diagnosis.finding import Finding
from retrograd.diagnosis.kinds import has_windows, is_recurrent
from retrograd.diagnosis.look import squares
from retrograd.diagnosis.numbers import ratio
from retrograd.diagnosis.products import uses
from retrograd.diagnosis.truth import Truth, fitted

if TYPE_CHECKING:
    from retrograd.diagnosis.at import At
    from retrograd.diagnosis.forward import Forward


def family_of(at: At) -> str:
    """The family of a mistake whose name is not known: from what stands at its place."""
    if is_recurrent(at.forward):
        return "recurrent"
    if has_windows(at.forward):
        return "convolution"
    if at.normalizes and any(True for _ in at.cuts()):
        return "normalization"
    if at.is_parameter:
        part = next(at.penalties(), None)
        if part is not None and at.user is not None and _beside(at, at.needed - part):
            return "regularization"
        return _of_parameter(at)
    taken = {step.op.name for step, _, _ in uses(at.forward, at.node)}
    if taken & _JOINING:
        return "layout"
    if at.softmaxes:
        return "softmax"
    if at.is_last(at.node) and _only_loss(at):
        return "other loss"
    if at.activations or taken & _CHOOSING:
        return "activation derivative"
    return "wrong operand"


def _only_loss(at: At) -> bool:
    """Whether no product of arrays comes after a quantity."""
    after = depends_on(at.forward.tape, set(at.node.values))
    made = [s for s in at.forward.tape.steps if sum(v in after for v in s.values()) == 1]
    return not any(s.op.name in _PRODUCTS and len(s.output.shape) > 1 for s in made)


_PRODUCTS = ("matmul", "dot", "einsum", "tensordot")


def _beside(at: At, data: Any) -> bool:
    """Whether what the user adds to the part of the data is a function of each weight alone."""
    rest, w = np.ravel(at.user - data), np.ravel(at.node.array)
    signs = np.sign(w)
    return any(ratio(x, rest) is not None for x in (w, signs, w**2, signs * w**2, w**0))


_JOINING = {"concatenate", "stack", "hstack", "vstack"}
_CHOOSING = {"maximum", "minimum", "max", "where", "clip"}


def _of_parameter(at: At) -> str:
    if at.biases:
        return "bias"
    if at.is_last(at.node) and not at.forward.softmaxes and not squares(at):
        return "other loss"
    later = {
        s.op.name
        for step, _, _ in uses(at.forward, at.node)
        for s in at.forward.tape.users.get(step.output, ())
    }
    return "activation derivative" if later & _CHOOSING and not at.products else "wrong operand"


def unexplained(
    wrong: Mapping[str, tuple[Any, Truth]], forward: Forward | None = None
) -> list[Finding]:
    """One finding for gradients whose first wrong line is not known.

    Args:
        wrong: what the user has and what is right, by the gradient's name.
        forward: the forward pass, where it could be recorded.
    """
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
