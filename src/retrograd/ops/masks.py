"""Masks: where they need not decide a shape."""

from __future__ import annotations

from typing import Any

from retrograd.ops.symbol import Symbol
from retrograd.program import Value

_AFFINE = ("add", "subtract", "multiply", "negative")


def on_all_of(x: Symbol, value: Value, mask: Any) -> Symbol | None:
    """What was computed of x[mask], computed of x: of `a[a < 0] *= 0.1`, a * 0.1.

    Only of what has no limits: exp of the entries that the mask leaves out might be infinite.
    """
    recorder = x.recorder
    made = recorder.producers.get(value)
    if made is None or type(mask) is not Symbol or mask.value.shape != x.value.shape:
        return None
    if made.op.name == "index":
        whole, *arrays = made.inputs
        same = whole is x.value and len(arrays) == 1 and _same_mask(arrays[0], mask.value, recorder)
        return recorder.handle(x.value) if same else None
    if made.op.name not in _AFFINE:
        return None
    operands: list[Any] = []
    for operand in made.inputs:
        if not isinstance(operand, Value) or not operand.shape:
            operands.append(operand)
            continue
        lifted = on_all_of(x, operand, mask)
        if lifted is None:
            return None
        operands.append(lifted)
    return recorder.record(made.op, operands, made.params)


def _same_mask(one: Any, other: Value, recorder: Any) -> bool:
    """Whether two masks are one, or were computed alike."""
    if one is other:
        return True
    a, b = recorder.producers.get(one), recorder.producers.get(other)
    if a is None or b is None:
        return False
    return bool((a.op, a.inputs, a.params) == (b.op, b.inputs, b.params))
