"""Choosing: maximum, minimum, where, comparisons and logic."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from retrograd.ops import spelling
from retrograd.ops.reduce import reduced
from retrograd.ops.samples import SHAPES, binary, booleans, call, fixed, normal, unary
from retrograd.ops.spelling import BIT_AND, BIT_OR, COMPARE, infix, prefix
from retrograd.ops.table import op


@op(
    np.maximum,
    elementwise=True,
    samples=[*binary(), *(call(normal(*s), fixed(0)) for s in SHAPES), call(fixed(0.0), normal(4))],
)
def maximum(g: Any, out: Any, x: Any, y: Any) -> Any:
    """The larger: its gradient goes to the larger; two equal arrays get half each.

    Against a constant the gradient at a tie is 0: that of ReLU at 0.
    """
    if type(y) in (int, float):
        return g * (x > y), None
    if type(x) in (int, float):
        return None, g * (y > x)
    return np.where(x == y, g / 2, g * (x > y)), np.where(x == y, g / 2, g * (y > x))


@op(
    np.minimum,
    elementwise=True,
    samples=[*binary(), *(call(normal(*s), fixed(0)) for s in SHAPES), call(fixed(0.0), normal(4))],
)
def minimum(g: Any, out: Any, x: Any, y: Any) -> Any:
    """The smaller: its gradient goes to the smaller; two equal arrays get half each.

    Against a constant the gradient at a tie is 0.
    """
    if type(y) in (int, float):
        return g * (x < y), None
    if type(x) in (int, float):
        return None, g * (y < x)
    return np.where(x == y, g / 2, g * (x < y)), np.where(x == y, g / 2, g * (y < x))


def _choose(condition: Any, x: Any, y: Any) -> Any:
    return np.where(condition, x, y)


@op(
    np.where,
    run=_choose,
    elementwise=True,
    carries=False,
    samples=[
        *(call(booleans(*s), normal(*s), normal(*s)) for s in SHAPES),
        call(booleans(3, 1), normal(4), normal(3, 4)),
        call(booleans(3, 4), normal(), normal(1)),
        call(booleans(3, 4), normal(3, 4), fixed(0.0)),
        call(booleans(3, 4), fixed(1), normal(4)),
    ],
)
def where(g: Any, out: Any, condition: Any, x: Any, y: Any) -> Any:
    """x where the condition holds, else y: each gets the gradient where it was chosen."""
    return None, np.where(condition, g, 0), np.where(condition, 0, g)


@op(
    np.equal,
    run=operator.eq,
    derivative="zero",
    elementwise=True,
    spell=infix("==", COMPARE),
    samples=binary(),
)
def equal(x: Any, y: Any) -> Any:
    """x == y: piecewise constant, so its gradient is zero."""


@op(
    np.not_equal,
    run=operator.ne,
    derivative="zero",
    elementwise=True,
    spell=infix("!=", COMPARE),
    samples=binary(),
)
def not_equal(x: Any, y: Any) -> Any:
    """x != y: piecewise constant, so its gradient is zero."""


@op(
    np.less,
    run=operator.lt,
    derivative="zero",
    elementwise=True,
    spell=infix("<", COMPARE),
    samples=binary(),
)
def less(x: Any, y: Any) -> Any:
    """x < y: piecewise constant, so its gradient is zero."""


@op(
    np.less_equal,
    run=operator.le,
    derivative="zero",
    elementwise=True,
    spell=infix("<=", COMPARE),
    samples=binary(),
)
def less_equal(x: Any, y: Any) -> Any:
    """x <= y: piecewise constant, so its gradient is zero."""


@op(
    np.greater,
    run=operator.gt,
    derivative="zero",
    elementwise=True,
    spell=infix(">", COMPARE),
    samples=binary(),
)
def greater(x: Any, y: Any) -> Any:
    """x > y: piecewise constant, so its gradient is zero."""


@op(
    np.greater_equal,
    run=operator.ge,
    derivative="zero",
    elementwise=True,
    spell=infix(">=", COMPARE),
    samples=binary(),
)
def greater_equal(x: Any, y: Any) -> Any:
    """x >= y: piecewise constant, so its gradient is zero."""


@op(
    np.bitwise_and,
    run=operator.and_,
    derivative="zero",
    elementwise=True,
    spell=infix("&", BIT_AND),
    samples=binary(booleans, booleans),
)
def bitwise_and(x: Any, y: Any) -> Any:
    """x & y, for booleans and integers: its gradient is zero."""


@op(np.logical_and, derivative="zero", elementwise=True, samples=binary(booleans, booleans))
def logical_and(x: Any, y: Any) -> Any:
    """Whether x and y are nonzero: its gradient is zero."""


@op(
    np.bitwise_or,
    run=operator.or_,
    derivative="zero",
    elementwise=True,
    spell=infix("|", BIT_OR),
    samples=binary(booleans, booleans),
)
def bitwise_or(x: Any, y: Any) -> Any:
    """x | y, for booleans and integers: its gradient is zero."""


@op(np.logical_or, derivative="zero", elementwise=True, samples=binary(booleans, booleans))
def logical_or(x: Any, y: Any) -> Any:
    """Whether x or y are nonzero: its gradient is zero."""


@op(
    np.invert,
    run=operator.invert,
    derivative="zero",
    elementwise=True,
    spell=prefix("~"),
    samples=unary(booleans),
)
def invert(x: Any) -> Any:
    """~x, for booleans and integers: its gradient is zero."""


@op(np.logical_not, derivative="zero", elementwise=True, samples=unary(booleans))
def logical_not(x: Any) -> Any:
    """Whether x is zero: its gradient is zero."""


@op(np.round, derivative="zero", elementwise=True, samples=unary())
def round_(x: Any, *, decimals: int = 0) -> Any:
    """The nearest whole number: piecewise constant, so its gradient is zero."""


@op(np.isnan, derivative="zero", elementwise=True, samples=unary())
def isnan(x: Any) -> Any:
    """Whether x is NaN: its gradient is zero."""


@op(
    np.argmax,
    derivative="none",
    spell=spelling.method("argmax"),
    sizes=reduced,
    samples=[
        call(normal(3, 4)),
        call(normal(3, 4), axis=1),
        call(normal(3, 4), axis=-1, keepdims=True),
    ],
)
def argmax(x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    """The index of the largest element: it jumps, and has no useful derivative."""


@op(
    np.argmin,
    derivative="none",
    spell=spelling.method("argmin"),
    sizes=reduced,
    samples=[call(normal(3, 4)), call(normal(3, 4), axis=0)],
)
def argmin(x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    """The index of the smallest element: it jumps, and has no useful derivative."""
