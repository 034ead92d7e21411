"""Sizes: numbers that remember which array's shape they came from, so that text fits any batch.

While a function is recorded, `x.shape[0]` is a `Size`: it behaves as the number it is in this
recording (8, say) and carries an `Expression` in terms of the shapes of the function's arguments.
`1 / x.shape[0]` is therefore still "one over N" when the program is written down.

Where Python insists on a plain number (`range(N)`, a dict key) the size is *pinned*: the written
text then checks for that number before it runs.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from retrograd.program.expression import Expression, derive
from retrograd.program.recording import current_book


class Size:
    """A number made of array sizes, such as `x.shape[0]` or `1 / (N * C)`.

    Args:
        value: the number in this recording.
        expression: how it is computed from the shapes of the program's inputs.
    """

    __slots__ = ("expression", "value")

    def __init__(self, value: Any, expression: Expression) -> None:
        self.value = value
        self.expression = expression

    @property  # type: ignore[misc]
    def __class__(self) -> Any:  # isinstance(N, int) holds, as it would without recording
        return type(self.value)

    # arithmetic keeps the expression
    def __add__(self, other: Any) -> Any:
        return _combine(self, other, operator.add, lambda a, b: a + b)

    def __sub__(self, other: Any) -> Any:
        return _combine(self, other, operator.sub, lambda a, b: a + -b)

    def __mul__(self, other: Any) -> Any:
        if type(other) in (tuple, list, str):
            return self.__index__() * other
        return _combine(self, other, operator.mul, lambda a, b: a * b)

    def __truediv__(self, other: Any) -> Any:
        return _combine(self, other, operator.truediv, lambda a, b: a * b.reciprocal())

    def __floordiv__(self, other: Any) -> Any:
        return _combine(self, other, operator.floordiv, lambda a, b: derive("//", a, b))

    def __mod__(self, other: Any) -> Any:
        return _combine(self, other, operator.mod, lambda a, b: derive("%", a, b))

    def __radd__(self, other: Any) -> Any:
        return _combine(other, self, operator.add, lambda a, b: a + b)

    def __rsub__(self, other: Any) -> Any:
        return _combine(other, self, operator.sub, lambda a, b: a + -b)

    def __rmul__(self, other: Any) -> Any:
        return self.__mul__(other)

    def __rtruediv__(self, other: Any) -> Any:
        return _combine(other, self, operator.truediv, lambda a, b: a * b.reciprocal())

    def __rfloordiv__(self, other: Any) -> Any:
        return _combine(other, self, operator.floordiv, lambda a, b: derive("//", a, b))

    def __rmod__(self, other: Any) -> Any:
        return _combine(other, self, operator.mod, lambda a, b: derive("%", a, b))

    def __neg__(self) -> Size:
        return Size(-self.value, -self.expression)

    def __pos__(self) -> Size:
        return self

    def __pow__(self, exponent: Any) -> Any:
        if type(exponent) is int and abs(exponent) < 9:
            base = self.expression if exponent >= 0 else self.expression.reciprocal()
            product = Expression.of(1)
            for _ in range(abs(exponent)):
                product = product * base
            return Size(self.value**exponent, product)
        return self._pin() ** plain(exponent)

    def __rpow__(self, base: Any) -> Any:
        return base ** self._pin()

    # comparisons are remembered, so that text refuses sizes for which they would turn out otherwise
    def __eq__(self, other: object) -> bool:
        return _compare(self, other, "==")

    def __ne__(self, other: object) -> bool:
        return not _compare(self, other, "==")

    def __lt__(self, other: Any) -> bool:
        return _compare(self, other, "<")

    def __le__(self, other: Any) -> bool:
        return _compare(self, other, "<=")

    def __gt__(self, other: Any) -> bool:
        return _compare(self, other, ">")

    def __ge__(self, other: Any) -> bool:
        return _compare(self, other, ">=")

    def __bool__(self) -> bool:
        return not _compare(self, 0, "==")

    # where Python needs the plain number, this program holds for that number only
    def _pin(self) -> Any:
        book = current_book()
        if book is not None:
            book.pin(self)
        return self.value

    def __index__(self) -> int:
        return operator.index(self._pin())

    def __int__(self) -> int:
        return int(self._pin())

    def __float__(self) -> float:
        return float(self._pin())

    def __round__(self, digits: int | None = None) -> Any:
        return round(self._pin(), digits)

    def __abs__(self) -> Any:
        return abs(self._pin())

    def __hash__(self) -> int:
        return hash(self._pin())

    def __repr__(self) -> str:
        return repr(self.value)

    def __format__(self, spec: str) -> str:
        return format(self.value, spec)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        book = current_book()
        if book is None:
            return getattr(ufunc, method)(*(plain(i) for i in inputs), **kwargs)
        return book.dispatch(ufunc, method, inputs, kwargs)


def is_size(value: Any) -> bool:
    """Whether `value` is a Size (isinstance would be fooled: a Size says that it is an int)."""
    return type(value) is Size


def plain(value: Any) -> Any:
    """`value` with every Size in it, also inside tuples, lists and slices, as its number."""
    kind = type(value)
    if kind is Size:
        return value.value
    if kind is tuple:
        return tuple(plain(v) for v in value)
    if kind is list:
        return [plain(v) for v in value]
    if kind is slice:
        return slice(plain(value.start), plain(value.stop), plain(value.step))
    return value


def expression_of(value: Any) -> Expression:
    """The expression of a Size or of a plain number."""
    return value.expression if type(value) is Size else Expression.of(value)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float, bool, Size) or isinstance(value, np.integer)


def _combine(a: Any, b: Any, by: Callable[[Any, Any], Any], rule: Callable[..., Expression]) -> Any:
    if not (_is_number(a) and _is_number(b)):
        return NotImplemented
    return Size(by(plain(a), plain(b)), rule(expression_of(a), expression_of(b)))


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _compare(a: Size, b: Any, kind: str) -> bool:
    if not _is_number(b):
        return NotImplemented  # type: ignore[no-any-return]  # Python tries the other operand
    truth = bool(_COMPARE[kind](a.value, plain(b)))
    book = current_book()
    if book is not None:
        book.compared(a.expression, kind, expression_of(b), truth)
    return truth
