"""What stands around a place in the backward pass: a recurrence, a window, a normalization, a loss.

A mistake that has no name of its own is told by it. And names that are true of a plain network are
not true everywhere: a mean over a window is no mean over the batch.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from retrograd.diagnosis.backward import depends_on
from retrograd.diagnosis.kinds import has_windows, in_loss, is_recurrent
from retrograd.diagnosis.look import is_sigmoid, labelled, squares
from retrograd.diagnosis.numbers import ratio
from retrograd.diagnosis.products import uses
from retrograd.diagnosis.sizes import nearly
from retrograd.program import Value

if TYPE_CHECKING:
    from retrograd.diagnosis.at import At
    from retrograd.diagnosis.forward import Forward

_PRODUCTS = ("matmul", "dot", "einsum", "tensordot")
_JOINING = {"concatenate", "stack", "hstack", "vstack"}
_CHOOSING = {"maximum", "minimum", "max", "where", "clip"}


def around(at: At) -> str:
    """The family of what stands around a place; "" where it is a plain network."""
    if is_recurrent(at.forward):
        return "recurrent"
    if has_windows(at.forward):
        return "convolution"
    if (at.normalizes and any(True for _ in at.cuts())) or _scales_normalized(at):
        return "normalization"
    if at.is_parameter:
        part = next(at.penalties(), None)
        if part is not None and at.user is not None and _beside(at, at.needed - part):
            return "regularization"
    if is_other_loss(at):
        after = depends_on(at.forward.tape, set(at.node.values))
        labels = any(in_loss(at.forward, v) for v in after)
        return "other loss" if labels or not is_one_of_ways(at) else "regularization"
    return ""


def family_of(at: At) -> str:
    """The family of a mistake whose name is not known: from what stands at its place."""
    found = around(at)
    if found:
        return found
    k = ratio(at.needed, at.user) if at.user is not None and np.size(at.user) > 1 else None
    if k is not None and not nearly(k, 1):
        return "sign" if k < 0 and at.sizes.name(-k) == "1" else "scale"
    if at.is_parameter:
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


def is_out_of_place(name: str | None, at: At) -> bool:
    """Whether a cause's name, which fits the numbers at a place, is not what is wrong there.

    Args:
        name: the cause.
        at: the place.
    """
    if name == "weight_grad_transposed":
        return not at.is_parameter
    return name == "wrong_activation_derivative_formula" and is_other_loss(at)


def is_own_number(at: At) -> bool:
    """Whether a place is off by a number that belongs to what stands around it.

    The area of a window, the sign of one term of a cell: neither is a batch's mean, or a descent.
    """
    k = ratio(at.needed, at.user) if at.user is not None else None
    if k is None:
        return False
    if _is_area(k, at):
        return True
    if not is_one_of_ways(at):
        return False
    if k < 0:
        return True
    counts = any(nearly(k, n) or nearly(k, 1 / n) for n in at.sizes.examples[:1])
    return not at.is_parameter and at.normalizes if counts else is_other_loss(at)


def is_one_of_ways(at: At) -> bool:
    """Whether what a quantity is made of goes into the loss on other ways as well."""
    forward, node = at.forward, at.node
    zeros = {v: np.zeros(v.shape) for v in node.values}
    rest = forward.backward.run(zeros)
    plain = forward.weights | set(forward.tape.inputs)
    return any(
        v not in plain and v not in node.values and v in forward.active and np.any(rest.get(v, 0))
        for v in forward.tape.ancestors(list(node.values))
    )


def is_other_loss(at: At) -> bool:
    """Whether a place stands in a loss that is neither of squares nor of cross-entropy."""
    return at.is_last(at.node) and not at.is_parameter and _only_loss(at) and not _is_plain(at)


def _is_plain(at: At) -> bool:
    """Whether the loss is of squares, or of probabilities and labels, every example alike."""
    forward = at.forward
    tape = forward.tape
    after = depends_on(tape, set(at.node.values)) & set(forward.backward.gradients)
    made = {s.op.name for s in tape.steps if s.output in after}
    if made & {"log", "log_softmax", "logaddexp", "log1p"}:
        last = [s.z for s in forward.softmaxes if at.is_last(s.z)]
        last += [e.z for e in forward.elementwise if is_sigmoid(e) and at.is_last(e.z)]
        places = [type(at)(forward, z) for z in last] or [at]
        return any(
            np.ptp(scale) <= 1e-9 * np.max(np.abs(scale))
            for p in places
            for _, _, scale in labelled(p)
        )
    steps = [s for s in tape.steps if s.output in after and any(v in after for v in s.values())]
    labelled_ones = [s for s in steps if any(in_loss(forward, v) for v in s.values() if v in after)]
    bent = {"abs", "absolute", "where", "maximum", "exp", "sqrt"}
    return squares(at) and not any(s.op.name in bent for s in labelled_ones)


def _is_area(k: float, at: At) -> bool:
    """Whether a number is how many entries a mean takes together that is not the loss."""
    after = depends_on(at.forward.tape, set(at.node.values))
    for step in at.forward.tape.steps:
        taken = step.op.name == "mean" and step.inputs[0] in after and step.output.shape
        counts = step.output in at.forward.backward.gradients
        if taken and counts and step.output not in at.forward.summed:
            area = np.size(at.forward.tape.array(step.inputs[0])) / np.prod(step.output.shape)
            if nearly(k, area) or nearly(k, 1 / area):
                return True
    return False


def _scales_normalized(at: At) -> bool:
    """Whether a parameter is multiplied, entry by entry, with something that was normalized."""
    if not at.is_parameter:
        return False
    forward = at.forward
    for step, k, _ in uses(forward, at.node):
        if step.op.name != "multiply" or step.output.shape == at.node.array.shape:
            continue
        other = step.inputs[1 - k]
        node = next((n for n in forward.moving if n.values == (other,)), None)
        made = node.step if node is not None else None
        if made is None or made.op.name not in ("divide", "multiply"):
            continue
        if any(_is_scale(v, made.output.shape, forward) for v in made.values()):
            return True
    return False


def _is_scale(value: Value, shape: tuple[int, ...], forward: Forward) -> bool:
    """Whether a value is a root of a statistic, or one over it, of an array of a shape."""
    before = forward.tape.ancestors([value])
    roots = ("sqrt", "std", "power")
    return value.shape != shape and any(
        s.output in before and s.op.name in roots for s in forward.tape.steps
    )


def _only_loss(at: At) -> bool:
    """Whether no product of arrays comes after a quantity."""
    after = depends_on(at.forward.tape, set(at.node.values))
    made = [s for s in at.forward.tape.steps if sum(v in after for v in s.values()) == 1]
    return not any(s.op.name in _PRODUCTS and len(s.output.shape) > 1 for s in made)


def _beside(at: At, data: Any) -> bool:
    """Whether what the user adds to the part of the data is a function of each weight alone."""
    rest, w = np.ravel(at.user - data), np.ravel(at.node.array)
    signs = np.sign(w)
    for some in ((w,), (signs,), (abs(w),), (w, signs, abs(w), w**2, signs * w**2, w**0)):
        terms = np.stack(some, axis=1).astype(float)
        there = abs(rest) > 1e-12 * np.max(abs(rest), initial=0)  # some may not be penalized
        terms, rest = terms[there], rest[there]
        if len(rest) > len(some):
            fit = terms @ np.linalg.lstsq(terms, rest, rcond=None)[0]
            if np.max(np.abs(fit - rest)) <= 1e-8 * np.max(np.abs(rest)):
                return True
    return False


def _scores(at: At) -> Iterator[At]:
    """The places of the products that a parameter goes into, if they are what is returned."""
    made = {s.output for s, _, _ in uses(at.forward, at.node) if s.op.name in _PRODUCTS}
    for node in at.forward.moving:
        if made and all(v in made for v in node.values) and at.is_last(node):
            yield type(at)(at.forward, node)


def _of_parameter(at: At) -> str:
    if at.biases:
        return "bias"
    if at.is_last(at.node) and not at.forward.softmaxes and not squares(at):
        return "other loss"
    if any(is_other_loss(place) for place in _scores(at)):
        return "other loss"
    later = {
        s.op.name
        for step, _, _ in uses(at.forward, at.node)
        for s in at.forward.tape.users.get(step.output, ())
    }
    return "activation derivative" if later & _CHOOSING and not at.products else "wrong operand"
