"""Whether the user's own lines for a softmax or a sigmoid are safe from overflow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from retrograd.ops.reduce import axes_of
from retrograd.program import Step, Value
from retrograd.rewrite.forms import Forms
from retrograd.rewrite.terms import Atom, number_of


def is_safe(
    producers: Mapping[Value, Step], forms: Forms, step: Step, x: Value, params: Mapping[str, Any]
) -> bool:
    """Whether they give the right number for every x.

    Those of a softmax (`params` says its axis) do if the maximum is subtracted before every exp;
    those of a sigmoid if exp takes nothing positive, or if 1 is divided by 1 + exp.

    Args:
        producers: the step that makes each value.
        forms: the normal forms.
        step: the step that ends them.
        x: the logits.
        params: the parameters of the recognized operation.
    """
    if "axis" not in params and _divides_one(step, producers):
        return True
    pending, seen, found = [step.output], {x}, False
    while pending:
        value = pending.pop()
        made = producers.get(value)
        if value in seen or made is None:
            continue
        seen.add(value)
        if made.op.name in ("logaddexp", "tanh", "sigmoid", "log_sigmoid", "softmax"):
            if step.op.name in ("log", "log1p"):
                return False  # the logarithm of a share that may be 0
            found = True
            continue
        if made.op.name == "exp":
            found = True
            if not _is_bounded(next(made.values()), x, params, forms, producers):
                return False
        if made.op.name == "log" and made is not step and "axis" not in params:
            return False
        pending += made.values()
    return found


def _is_bounded(
    value: Value, x: Value, params: Mapping[str, Any], forms: Forms, producers: Mapping[Value, Step]
) -> bool:
    """Whether an argument of exp is never positive."""
    form = forms.linear(value)
    for (atom, _), c in form.items():
        if not isinstance(atom, Atom) or c >= 0:
            continue
        if "axis" not in params:
            made = producers.get(atom.what) if isinstance(atom.what, Value) else None
            if made is not None and made.op.name == "absolute" and len(form) == 1:
                return True
        elif atom.kind == "max" and atom.what[0] is x and c == -1:
            return set(atom.what[1]) == set(axes_of(params["axis"], len(x.shape)))
    return False


def _divides_one(step: Step, producers: Mapping[Value, Step]) -> bool:
    """1 / (1 + exp(-x)): where exp overflows, the quotient is the 0 that it should be."""
    if step.op.name == "divide" and number_of(step.inputs[0]) == 1:
        below = step.inputs[1]
    elif step.op.name == "reciprocal" or (
        step.op.name == "power" and number_of(step.inputs[1]) == -1
    ):
        below = step.inputs[0]
    else:
        return False
    made = producers.get(below) if isinstance(below, Value) else None
    if made is None or made.op.name != "add":
        return False
    parts = [producers.get(i) if isinstance(i, Value) else None for i in made.inputs]
    exponential = any(p is not None and p.op.name == "exp" for p in parts)
    return exponential and any(number_of(i) == 1 for i in made.inputs)
