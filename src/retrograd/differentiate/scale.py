"""Scalar factors that travel beside a gradient, so that `/ N` is written once.

A gradient on its way is `scale * core`: `core` an array (or nothing: ones), `scale` a number times
array sizes, such as -1/N. Factors are peeled off what a rule returns, multiplied as fractions, and
put back where an operation needs the gradient itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from retrograd.ops import TABLE, Recorder, Symbol
from retrograd.program import Constant, Derived, Expression, Size, SizeOperand, Value, is_size


@dataclass(frozen=True)
class Scale:
    """A number times sizes; `value` is what it comes to in this recording."""

    value: float
    expression: Expression

    @staticmethod
    def of(number: Any) -> Scale | None:
        """A number or a Size as a scale; None for what is no product, or not finite."""
        if is_size(number):
            value, expression = float(number.value), number.expression
            if not math.isfinite(value) or value == 0:
                return None
            if len(expression.terms) > 1:  # a sum, such as N - 1, is one factor
                expression = Expression.of(Derived("sum", (expression,)))
            return Scale(value, expression)
        if type(number) in (int, float) and math.isfinite(number) and number != 0:
            return Scale(float(number), Expression.of(Fraction(number)))
        return None

    def times(self, other: Scale) -> Scale | None:
        """The product; None where it is no finite number other than zero."""
        value = self.value * other.value
        if not math.isfinite(value) or value == 0:
            return None
        monomial, c = (self.expression * other.expression).terms[0]
        if c.denominator > 2**40 or abs(c.numerator) > 2**53:
            c = Fraction(float(c))  # one rounding, as the product of two floats has
        return Scale(value, Expression(((monomial, c),)))

    def reciprocal(self) -> Scale:
        """One over it."""
        return Scale(1 / self.value, self.expression.reciprocal())

    @property
    def is_one(self) -> bool:
        """Whether it changes nothing."""
        return self.expression == Expression.of(1)

    def number(self) -> Any:
        """It as a plain number or a Size."""
        constant = self.expression.constant
        if constant is None:
            return Size(_plain(self.value), self.expression)
        return _plain(constant)

    def parts(self) -> tuple[int, Any, Any]:
        """Its sign, what to multiply by and what to divide by (1 where there is nothing)."""
        (monomial, coefficient) = self.expression.terms[0]
        sign, size = (-1 if coefficient < 0 else 1), abs(coefficient)
        whole = size.numerator == 1 and size.denominator < 2**20
        exact = size.denominator & (size.denominator - 1) == 0  # 0.5 reads as well as / 2
        divisor = whole and (bool(monomial) or not exact)
        above = Scale.of(1 if divisor else _plain(size))
        below = Scale.of(size.denominator if divisor else 1)
        assert above is not None and below is not None
        for atom, exponent in monomial:
            power = Expression.of(atom)
            for _ in range(abs(exponent)):
                if exponent > 0:
                    above = replace(above, expression=above.expression * power)
                else:
                    below = replace(below, expression=below.expression * power)
        total = abs(self.value)
        if above.expression.constant is None:
            above = replace(above, value=total * below.value)
            return sign, above.number(), below.number()
        return sign, above.number(), replace(below, value=above.value / total).number()


def _plain(number: Any) -> Any:
    rounded = float(number)
    return int(rounded) if rounded.is_integer() and abs(rounded) < 2**53 else rounded


ONE = Scale(1.0, Expression.of(1))


@dataclass(frozen=True)
class Flow:
    """A gradient on its way: `scale * core`; a core of None is all ones."""

    scale: Scale
    core: Symbol | None


def peel(recorder: Recorder, result: Any) -> Flow:
    """What a rule returned, with the scalar factors taken off."""
    scale = ONE
    while type(result) is Symbol:
        step = recorder.producers.get(result.value)
        if step is None or step.forward is None or result.value in recorder.gradient_of:
            break
        factor: Scale | None = None
        inside: Any = None
        if step.op.name == "negative":
            factor, inside = Scale.of(-1), step.inputs[0]
        elif step.op.name == "multiply":
            for number, other in (step.inputs, step.inputs[::-1]):
                if isinstance(number, Constant | SizeOperand):
                    factor, inside = _scale_of(number), other
        elif step.op.name == "divide" and isinstance(step.inputs[1], Constant | SizeOperand):
            divisor = _scale_of(step.inputs[1])
            factor, inside = divisor.reciprocal() if divisor else None, step.inputs[0]
        if factor is None:
            break
        if isinstance(inside, Value):
            if inside.dtype.kind not in "fi" or inside.shape != result.value.shape:
                break  # -(x > 0) and (x > 0) + (y > 0) are no arithmetic
            inner: Any = Symbol(recorder, inside)
        elif isinstance(inside, Constant | SizeOperand) and _scale_of(inside):
            inner = _number(inside)
        else:
            break
        product = scale.times(factor)
        if product is None:
            break
        scale, result = product, inner
    if type(result) is Symbol:
        return Flow(scale, result)
    own = Scale.of(result)
    product = None if own is None else scale.times(own)
    if product is None:
        return Flow(scale, recorder.record(TABLE["array"], [result], {}))
    return Flow(product, None)


def _number(operand: Constant | SizeOperand) -> Any:
    if isinstance(operand, SizeOperand):
        return Size(operand.value, operand.expression)
    return operand.value


def _scale_of(operand: Constant | SizeOperand) -> Scale | None:
    return Scale.of(_number(operand))


def applied(recorder: Recorder, flow: Flow) -> Symbol:
    """The gradient itself: the factor is put back, signs into a difference where there is one."""
    assert flow.core is not None
    core = flow.core
    sign, above, below = flow.scale.parts()
    step = recorder.producers.get(core.value)
    fresh = step is not None and step.forward is not None
    if step is not None and fresh:
        recorder.forward, recorder.note = step.forward, step.note
    if sign < 0:
        if step is not None and fresh and step.op.name == "subtract":
            right, left = step.inputs
            core = recorder.record(step.op, [left, right], {})
        elif type(above) is int and above == 1:
            core = -core
        else:
            above = -above
    if is_size(above) or above != 1:
        core = np.multiply(above, core)
    if is_size(below) or below != 1:
        core = np.true_divide(core, below)
    return core
