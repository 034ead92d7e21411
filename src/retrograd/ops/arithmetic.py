"""Arithmetic: + - * / ** and unary minus."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from retrograd.ops import spelling
from retrograd.ops.dispatch import recordable
from retrograd.ops.samples import binary, call, fixed, normal, positive, unary
from retrograd.ops.spelling import ADD, COMPARE, MULTIPLY, Text, infix, prefix
from retrograd.ops.table import composed, op
from retrograd.program import is_size


@op(np.add, run=operator.add, elementwise=True, spell=infix("+", ADD), samples=binary())
def add(g: Any, out: Any, x: Any, y: Any) -> Any:
    """x + y: the gradient goes to both."""
    return g, g


@op(np.subtract, run=operator.sub, elementwise=True, spell=infix("-", ADD), samples=binary())
def subtract(g: Any, out: Any, x: Any, y: Any) -> Any:
    """x - y: the gradient goes to x, and its negative to y."""
    return g, -g


@op(np.multiply, run=operator.mul, elementwise=True, spell=infix("*", MULTIPLY), samples=binary())
def multiply(g: Any, out: Any, x: Any, y: Any) -> Any:
    """x * y: d_x = g * y, d_y = g * x."""
    return g * y, g * x


@recordable
def weighted(y: Any, x: Any) -> Any:
    """y * x, and 0 where y is 0: also where x is infinite.

    Args:
        y: weights or labels, of any shape that broadcasts with that of x.
        x: such as logarithms of probabilities, which may be -inf.

    Returns:
        An array in the shape that both have together.

    >>> weighted(np.array([0.0, 2.0]), np.array([-np.inf, -1.0])).tolist()
    [0.0, -2.0]
    """
    return y * np.where(y == 0, 0, x)


def _spell_weighted(args: Sequence[Text], params: Mapping[str, str]) -> Text:
    y, x = args
    chosen = f"np.where({y.at_least(COMPARE + 1)} == 0, 0, {x.code})"
    return Text(f"{y.at_least(MULTIPLY)} * {chosen}", MULTIPLY)


@op(
    weighted,
    elementwise=True,
    loop="{0} * ({1}) if {0} != 0 else {0}",
    spell=_spell_weighted,
    samples=[call(normal(3, 4), normal(3, 4)), call(normal(3, 1), normal(4))],
)
def weighted_(g: Any, out: Any, y: Any, x: Any) -> Any:
    """y * x, 0 where y is 0 and x infinite: d_y = g * x, d_x = g * y."""
    return g * x, g * y


@op(
    np.true_divide,
    run=operator.truediv,
    elementwise=True,
    spell=infix("/", MULTIPLY),
    samples=binary(normal, positive),
)
def divide(g: Any, out: Any, x: Any, y: Any) -> Any:
    """x / y: d_x = g / y, d_y = -g * x / y**2 = -g * out / y."""
    return g / y, -(g * out / y)


@op(np.negative, run=operator.neg, elementwise=True, spell=prefix("-"), samples=unary())
def negative(g: Any, out: Any, x: Any) -> Any:
    """-x."""
    return (-g,)


@op(
    np.positive,
    run=operator.pos,
    elementwise=True,
    alias=True,
    spell=prefix("+"),
    samples=unary(),
)
def positive_(g: Any, out: Any, x: Any) -> Any:
    """+x."""
    return (g,)


@op(
    np.power,
    run=operator.pow,
    elementwise=True,
    spell=spelling.power,
    samples=[
        *binary(positive, normal),
        *(call(normal(3, 4), fixed(n)) for n in (1, 2, 3, 2.0, 0, -1, -2)),
        *(call(positive(3, 4), fixed(n)) for n in (0.5, -0.5, 1.5)),
        call(fixed(2.0), normal(3, 4)),
        call(fixed(2), normal(4)),
    ],
)
def power(g: Any, out: Any, x: Any, y: Any) -> Any:
    """x**y: d_x = g * y * x**(y - 1), d_y = g * out * log(x).

    At x = 0: d_x is 0 for y > 1 and for y = 0, 1 for y = 1, inf for 0 < y < 1; d_y is 0 where out
    is 0, the limit from above. For x < 0 only whole y are real; d_y is NaN there, as NumPy's log.
    """
    if is_size(y):
        return g * (y * x ** (y - 1)), None
    if type(y) in (int, float):
        if y == 0:
            return None, None
        if y == 1:
            return g, None
        return g * (y * x if y == 2 else y * x ** (y - 1)), None
    d_x = g * np.where(y == 0, 0.0, y * x ** np.where(y == 0, 1.0, y - 1))
    d_y = g * out * np.log(np.where(out == 0, 1.0, x))
    return d_x, d_y


@op(np.square, elementwise=True, samples=unary())
def square(g: Any, out: Any, x: Any) -> Any:
    """x**2: d_x = 2 * g * x."""
    return (g * (2 * x),)


@op(np.reciprocal, elementwise=True, samples=unary(positive))
def reciprocal(g: Any, out: Any, x: Any) -> Any:
    """1 / x: d_x = -g / x**2 = -g * out**2."""
    return (-(g * out**2),)


@op(np.absolute, elementwise=True, spell=spelling.call("np.abs"), samples=unary())
def absolute(g: Any, out: Any, x: Any) -> Any:
    """|x|: d_x = g * sign(x); 0 at the kink x = 0."""
    return (g * np.sign(x),)


@op(np.sign, derivative="zero", elementwise=True, samples=unary())
def sign(x: Any) -> Any:
    """The sign: piecewise constant, so its gradient is zero."""


@op(
    np.floor_divide,
    run=operator.floordiv,
    derivative="zero",
    elementwise=True,
    spell=infix("//", MULTIPLY),
    samples=binary(normal, positive),
)
def floor_divide(x: Any, y: Any) -> Any:
    """x // y: piecewise constant, so its gradient is zero."""


@op(
    np.remainder,
    run=operator.mod,
    elementwise=True,
    spell=infix("%", MULTIPLY),
    samples=binary(normal, positive),
)
def remainder(g: Any, out: Any, x: Any, y: Any) -> Any:
    """x % y = x - y * floor(x / y): d_x = g, d_y = -g * floor(x / y); as if it had no jumps."""
    return g, -g * np.floor(x / y)


@op(np.fmod, elementwise=True, samples=binary(normal, positive))
def fmod(g: Any, out: Any, x: Any, y: Any) -> Any:
    """x - y * trunc(x / y), with the sign of x: d_x = g, d_y = -g * trunc(x / y)."""
    return g, -g * np.trunc(x / y)


@op(np.copysign, elementwise=True, samples=binary())
def copysign(g: Any, out: Any, x: Any, y: Any) -> Any:
    """|x| with the sign of y: d_x = g where the signs agree, -g elsewhere; 0 at x = 0. d_y = 0."""
    return g * (np.sign(x) * np.copysign(1.0, y)), None


@composed(np.float_power)
def float_power(x: Any, y: Any) -> Any:
    """x**y in float64."""
    return np.power(x.astype(np.float64) if hasattr(x, "astype") else float(x), y)


@composed(np.divmod)
def divmod_(x: Any, y: Any) -> Any:
    """x // y and x % y."""
    return np.floor_divide(x, y), np.remainder(x, y)


@composed(np.modf)
def modf(x: Any) -> Any:
    """What is behind the point, and what is before it."""
    whole = np.trunc(x)
    return x - whole, whole


@composed(np.ldexp)
def ldexp(x: Any, n: Any) -> Any:
    """x * 2**n, for whole n."""
    factor = np.exp2(n)
    return x * (factor.astype(x.dtype) if hasattr(factor, "astype") else float(factor))


@composed(np.conjugate)
def conjugate(x: Any) -> Any:
    """A real number is its own conjugate."""
    return np.positive(x)


@composed(np.imag)
def imag(x: Any) -> Any:
    """The imaginary part of a real number: 0."""
    return np.zeros_like(x)


@composed(np.fabs)
def fabs(x: Any) -> Any:
    """|x|."""
    return np.absolute(x)
