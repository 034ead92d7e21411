"""Steps on single numbers as Python: what stands inside of a loop."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from retrograd.ops.spelling import Text
from retrograd.program import Constant, Operand, Step


def expression(step: Step, texts: list[str]) -> str:
    """A step on single numbers, by its op's own spelling; the result in the step's dtype."""
    op, params = step.op, {k: repr(v) for k, v in step.params.items()}
    if op.loop is not None:
        return op.loop.format(*texts, **params)
    assert op.spell is not None
    return op.spell([Text(t) if _ATOM.fullmatch(t) else Text(t, 0) for t in texts], params).code


_ATOM = re.compile(r"[\w.]+(\[[\w, ]+\]|\([-\w.]+\))?")


def literal(value: object, dtype: np.dtype[Any]) -> str:
    """A number of a dtype as Python."""
    number = np.asarray(value).item()
    if dtype.kind == "b" or isinstance(number, bool):
        return repr(bool(number))
    if isinstance(number, float) and not np.isfinite(number):
        number = "np.nan" if number != number else ("np.inf" if number > 0 else "-np.inf")
    return f"np.{dtype.name}({number})"


def number_type(step: Step) -> np.dtype[Any]:
    """The dtype in which a step computes: its result's, or of a comparison its operands'."""
    if step.output.dtype.kind == "f":
        return step.output.dtype
    found = [v.dtype for v in step.values() if v.dtype.kind == "f" and not v.weak]
    return found[0] if found else step.output.dtype


def is_whole(operand: Operand) -> bool:
    """Whether an exponent is a small whole number, so that a power is a few products."""
    number = operand.value if isinstance(operand, Constant) else None
    return isinstance(number, int | float) and number == int(number) and abs(number) <= 8


def zero(step: Step) -> str:
    """0 in a step's dtype."""
    return f"np.{step.output.dtype.name}(0)"
