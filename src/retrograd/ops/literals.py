"""Constants and sizes as Python text."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np

from retrograd.ops.spelling import ADD, ATOM, MULTIPLY, UNARY, Text
from retrograd.program import Dim, Expression, Size
from retrograd.program.expression import Atom, Derived


def constant(value: Any) -> Text:
    """A number, a string, None or a small array."""
    if isinstance(value, np.ndarray):
        dtype = (
            "" if value.dtype in (np.float64, np.int64, np.bool_) else f", dtype=np.{value.dtype}"
        )
        if value.size == 0 or (value.dtype == np.float64 and value.ndim == 0):
            dtype = f", dtype=np.{value.dtype}"
        return Text(f"np.array({_listed(value.tolist())}{dtype})")
    if isinstance(value, np.generic):
        return Text(f"np.{value.dtype}({constant(value.item()).code})")
    if isinstance(value, float) and not math.isfinite(value):
        if math.isnan(value):
            return Text("np.nan")
        return Text("np.inf") if value > 0 else Text("-np.inf", UNARY)
    text = repr(value)
    return Text(text, UNARY if text.startswith("-") else ATOM, plain=True)


def _listed(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_listed(v) for v in value)}]"
    return constant(value).code


def size(expression: Expression, names: Mapping[Dim, str], *, whole: bool = True) -> Text:
    """A size in terms of the letters, such as `N * C`.

    Args:
        expression: what to write.
        names: the letters.
        whole: whether it is a whole number, so that `//` divides it; a user's `n / 2` is not.
    """
    if not expression.terms:
        return Text("0")
    if whole:
        divisor = lcm(*(c.denominator for _, c in expression.terms))
        if divisor != 1 and len(expression.terms) > 1:  # only the sum comes out even
            total = size(expression * Expression.of(divisor), names).at_least(MULTIPLY)
            return Text(f"{total} // {divisor}", ADD)
    total_text: Text | None = None
    # what is added comes before what is subtracted
    for monomial, c in sorted(expression.terms, key=lambda term: (term[1] < 0, not term[0])):
        part = _product(monomial, abs(c), names, "//" if whole else "/")
        if total_text is None:
            total_text = Text(f"-{part.at_least(UNARY)}", UNARY) if c < 0 else part
        else:
            sign = "-" if c < 0 else "+"
            left = total_text.at_least(ADD)
            total_text = Text(f"{left} {sign} {part.at_least(ADD + 1)}", ADD)
    assert total_text is not None
    return total_text


def _product(
    monomial: tuple[tuple[Atom, int], ...], c: Fraction, names: Mapping[Dim, str], divide: str
) -> Text:
    order = {dim: place for place, dim in enumerate(names)}
    factors = sorted(monomial, key=lambda f: order.get(f[0], 0) if isinstance(f[0], Dim) else -1)
    above = [_atom(a, names) for a, e in factors for _ in range(e)]
    below = [_atom(a, names) for a, e in factors for _ in range(-e)]
    if c.denominator > 2**20:
        above.insert(0, constant(float(c)))
    else:
        if c.numerator != 1 or not above:
            above.insert(0, constant(c.numerator))
        if c.denominator != 1:
            below.insert(0, constant(c.denominator))
    top = _times(above)
    if not below:
        return top
    bottom = _times(below).at_least(MULTIPLY + 1)
    return Text(f"{top.at_least(MULTIPLY)} {divide} {bottom}", ADD if divide == "//" else MULTIPLY)


def _times(factors: list[Text]) -> Text:
    if len(factors) == 1:
        return factors[0]
    return Text(" * ".join(f.at_least(MULTIPLY) for f in factors), MULTIPLY)


def _atom(atom: Atom, names: Mapping[Dim, str]) -> Text:
    if isinstance(atom, Derived):
        parts = [size(a, names, whole=atom.kind != "sum") for a in atom.arguments]
        if atom.kind == "sum":
            return parts[0]
        left, right = parts[0].at_least(MULTIPLY), parts[1].at_least(MULTIPLY + 1)
        return Text(f"{left} {atom.kind} {right}", ADD)  # in a product it needs its parentheses
    return Text(names[atom])


def parameter(value: Any, names: Mapping[Dim, str]) -> str:
    """A parameter of an op: an axis, a shape, a dtype, the form of an index."""
    kind = type(value)
    if kind is Size:
        return size(value.expression, names, whole=isinstance(value.value, int)).code
    if kind is tuple:
        parts = [parameter(v, names) for v in value]
        return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
    if kind is slice:
        parts = ["" if v is None else parameter(v, names) for v in (value.start, value.stop)]
        step = "" if value.step is None else f":{parameter(value.step, names)}"
        return ":".join(parts) + step
    if value is Ellipsis:
        return "..."
    if isinstance(value, np.dtype):
        return f"np.{value.name}" if value != np.bool_ else "bool"
    if isinstance(value, type):
        return f"np.{value.__name__}" if issubclass(value, np.generic) else value.__name__
    if isinstance(value, int | float | bool | str | np.generic | np.ndarray) or value is None:
        return constant(value).code
    return repr(value)
