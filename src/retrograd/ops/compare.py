"""Comparisons, logic and rounding: piecewise constant, so their gradients are zero."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from retrograd.ops import spelling
from retrograd.ops.reduce import reduced
from retrograd.ops.samples import binary, booleans, call, normal, unary
from retrograd.ops.spelling import BIT_AND, BIT_OR, BIT_XOR, COMPARE, infix, prefix
from retrograd.ops.table import composed, op


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


@op(
    np.bitwise_xor,
    run=operator.xor,
    derivative="zero",
    elementwise=True,
    spell=infix("^", BIT_XOR),
    samples=binary(booleans, booleans),
)
def bitwise_xor(x: Any, y: Any) -> Any:
    """x ^ y, for booleans and integers: its gradient is zero."""


@op(np.logical_xor, derivative="zero", elementwise=True, samples=binary(booleans, booleans))
def logical_xor(x: Any, y: Any) -> Any:
    """Whether exactly one of x and y is nonzero: its gradient is zero."""


@op(np.floor, derivative="zero", elementwise=True, samples=unary())
def floor(x: Any) -> Any:
    """The next whole number below: piecewise constant, so its gradient is zero."""


@op(np.ceil, derivative="zero", elementwise=True, samples=unary())
def ceil(x: Any) -> Any:
    """The next whole number above: piecewise constant, so its gradient is zero."""


@op(np.trunc, np.fix, derivative="zero", elementwise=True, samples=unary())
def trunc(x: Any) -> Any:
    """The next whole number towards 0: piecewise constant, so its gradient is zero."""


@op(np.rint, derivative="zero", elementwise=True, samples=unary())
def rint(x: Any) -> Any:
    """The nearest whole number: piecewise constant, so its gradient is zero."""


@op(np.isinf, derivative="zero", elementwise=True, samples=unary())
def isinf(x: Any) -> Any:
    """Whether x is infinite: its gradient is zero."""


@op(np.isfinite, derivative="zero", elementwise=True, samples=unary())
def isfinite(x: Any) -> Any:
    """Whether x is neither infinite nor NaN: its gradient is zero."""


@op(np.signbit, derivative="zero", elementwise=True, samples=unary())
def signbit(x: Any) -> Any:
    """Whether x has a minus sign: its gradient is zero."""


def _of_truth(book: Any, x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    return reduced(book, x, axis=axis, keepdims=keepdims)


@op(
    np.all,
    derivative="zero",
    spell=spelling.method("all"),
    sizes=_of_truth,
    samples=[call(booleans(3, 4)), call(booleans(3, 4), axis=1)],
)
def all_(x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether all elements are nonzero: its gradient is zero."""


@op(
    np.any,
    derivative="zero",
    spell=spelling.method("any"),
    sizes=_of_truth,
    samples=[call(booleans(3, 4)), call(booleans(3, 4), axis=1)],
)
def any_(x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether any element is nonzero: its gradient is zero."""


@op(
    np.count_nonzero,
    derivative="zero",
    sizes=_of_truth,
    samples=[call(booleans(3, 4)), call(booleans(3, 4), axis=1)],
)
def count_nonzero(x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    """How many elements are nonzero: its gradient is zero."""


@op(np.round, np.around, derivative="zero", elementwise=True, samples=unary())
def round_(x: Any, *, decimals: int = 0) -> Any:
    """The nearest whole number: piecewise constant, so its gradient is zero."""


@op(
    np.isclose,
    derivative="zero",
    elementwise=True,
    spell=spelling.call("np.isclose"),
    samples=[call(normal(3, 4), normal(4))],
)
def isclose(x: Any, y: Any, *, rtol: float = 1e-05, atol: float = 1e-08) -> Any:
    """Whether x and y are nearly equal: its gradient is zero."""


@composed(np.allclose)
def allclose(a: Any, b: Any, rtol: float = 1e-05, atol: float = 1e-08) -> Any:
    """Whether all are nearly equal."""
    return np.all(np.isclose(a, b, rtol=rtol, atol=atol))


@composed(np.array_equal)
def array_equal(a1: Any, a2: Any) -> Any:
    """Whether all are equal."""
    return np.all(a1 == a2) if np.shape(a1) == np.shape(a2) else False


@op(np.isnan, derivative="zero", elementwise=True, samples=unary())
def isnan(x: Any) -> Any:
    """Whether x is NaN: its gradient is zero."""


@op(np.heaviside, derivative="zero", elementwise=True, loop="", samples=binary())
def heaviside(x: Any, y: Any) -> Any:
    """0, y or 1 for a negative, zero or positive x: piecewise constant in x, so it is zero."""
