"""Sizes: numbers that remember which array's shape they came from, so that text fits any batch.

While a function is recorded, `x.shape[0]` is a `Size`: it behaves as the number it is in this
recording (8, say) and carries an `Expression` in terms of the shapes of the function's arguments.
`1 / x.shape[0]` is therefore still "one over N" when the program is written down.

Where Python insists on a plain number (`range(N)`, a dict key) the size is *pinned*: the written
text then checks for that number before it runs.
"""

from __future__ import annotations

import operator
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

Number = int | float | Fraction


@dataclass(frozen=True, order=True)
class Dim:
    """The size of axis `axis` of the program's input number `source`."""

    source: int
    axis: int


@dataclass(frozen=True)
class Derived:
    """What is no polynomial in dims: a floor division, a remainder, or a sum as a divisor."""

    kind: str
    arguments: tuple[Expression, ...]


Atom = Dim | Derived
Monomial = tuple[tuple[Atom, int], ...]


def _order(atom: Atom) -> tuple[int, str, int]:
    if isinstance(atom, Dim):
        return (0, f"{atom.source:06d}", atom.axis)
    return (1, repr(atom), 0)


@dataclass(frozen=True)
class Expression:
    """A sum of coefficient * product of atoms with whole exponents, in one canonical order."""

    terms: tuple[tuple[Monomial, Fraction], ...]

    @staticmethod
    def of(value: Number | Atom | Expression) -> Expression:
        """The expression for a number or an atom; an expression is returned as it is."""
        if isinstance(value, Expression):
            return value
        if isinstance(value, Dim | Derived):
            return Expression(((((value, 1),), Fraction(1)),))
        return Expression._from({(): Fraction(value)})

    @staticmethod
    def _from(terms: Mapping[Monomial, Fraction]) -> Expression:
        kept = [(monomial, c) for monomial, c in terms.items() if c]
        kept.sort(key=lambda term: [(*_order(a), -e) for a, e in term[0]])
        return Expression(tuple(kept))

    def __add__(self, other: Expression) -> Expression:
        terms = dict(self.terms)
        for monomial, c in other.terms:
            terms[monomial] = terms.get(monomial, Fraction(0)) + c
        return Expression._from(terms)

    def __mul__(self, other: Expression) -> Expression:
        terms: dict[Monomial, Fraction] = {}
        for left, a in self.terms:
            for right, b in other.terms:
                exponents = dict(left)
                for atom, exponent in right:
                    exponents[atom] = exponents.get(atom, 0) + exponent
                pairs = sorted(
                    ((atom, e) for atom, e in exponents.items() if e),
                    key=lambda pair: _order(pair[0]),
                )
                monomial = tuple(pairs)
                terms[monomial] = terms.get(monomial, Fraction(0)) + a * b
        return Expression._from(terms)

    def __neg__(self) -> Expression:
        return self * Expression.of(-1)

    def reciprocal(self) -> Expression:
        """One over this expression; exact for a single term, an atom of its own otherwise."""
        if len(self.terms) == 1:
            monomial, c = self.terms[0]
            return Expression._from({tuple((a, -e) for a, e in monomial): 1 / c})
        return Expression(((((Derived("sum", (self,)), -1),), Fraction(1)),))

    @property
    def constant(self) -> Fraction | None:
        """The number this expression is, whatever the shapes; None if it depends on them."""
        if not self.terms:
            return Fraction(0)
        if len(self.terms) == 1 and not self.terms[0][0]:
            return self.terms[0][1]
        return None

    @property
    def atom(self) -> Dim | None:
        """The dim that this expression is, if it is nothing but that."""
        if len(self.terms) == 1 and self.terms[0][1] == 1:
            monomial = self.terms[0][0]
            if len(monomial) == 1 and monomial[0][1] == 1 and isinstance(monomial[0][0], Dim):
                return monomial[0][0]
        return None

    def dims(self) -> Iterable[Dim]:
        """Every dim in the expression, those inside derived atoms included."""
        for monomial, _ in self.terms:
            for atom, _ in monomial:
                if isinstance(atom, Dim):
                    yield atom
                else:
                    for argument in atom.arguments:
                        yield from argument.dims()

    def substitute(self, bindings: Mapping[Dim, Expression]) -> Expression:
        """The expression with dims replaced; returns itself when none of them occurs."""
        if not any(dim in bindings for dim in self.dims()):
            return self
        total = Expression(())
        for monomial, c in self.terms:
            product = Expression.of(c)
            for atom, exponent in monomial:
                base = _substituted(atom, bindings)
                factor = base if exponent > 0 else base.reciprocal()
                for _ in range(abs(exponent)):
                    product = product * factor
            total = total + product
        return total

    def evaluate(self, value_of: Callable[[Dim], int]) -> Number:
        """The number for given dims."""
        total: Number = Fraction(0)
        for monomial, c in self.terms:
            product: Number = c
            for atom, exponent in monomial:
                product *= _evaluated(atom, value_of) ** exponent
            total += product
        return total


def _substituted(atom: Atom, bindings: Mapping[Dim, Expression]) -> Expression:
    if isinstance(atom, Dim):
        return bindings.get(atom, Expression.of(atom))
    arguments = tuple(a.substitute(bindings) for a in atom.arguments)
    return derive(atom.kind, *arguments)


def _evaluated(atom: Atom, value_of: Callable[[Dim], int]) -> Fraction:
    if isinstance(atom, Dim):
        return Fraction(value_of(atom))
    a = Fraction(atom.arguments[0].evaluate(value_of))
    if atom.kind == "sum":
        return a
    b = Fraction(atom.arguments[1].evaluate(value_of))
    return Fraction(a // b) if atom.kind == "//" else a % b


def derive(kind: str, *arguments: Expression) -> Expression:
    """`a // b`, `a % b` or a sum used as a base; folded where all is constant or divides exactly."""
    if kind == "sum":
        return arguments[0]
    a, b = arguments
    if a.constant is not None and b.constant is not None:
        whole = a.constant // b.constant
        return Expression.of(whole if kind == "//" else a.constant - whole * b.constant)
    quotient = a * b.reciprocal()
    exact = all(c.denominator == 1 and all(e > 0 for _, e in m) for m, c in quotient.terms)
    if exact:
        return quotient if kind == "//" else Expression.of(0)
    return Expression.of(Derived(kind, arguments))


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

    @property
    def __class__(self) -> type:  # isinstance(N, int) holds, as it would without recording
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
        return NotImplemented
    truth = bool(_COMPARE[kind](a.value, plain(b)))
    book = current_book()
    if book is not None:
        book.compared(a.expression, kind, expression_of(b), truth)
    return truth


@dataclass(frozen=True)
class SizeCheck:
    """A comparison of sizes on which the recorded program depends: `left kind right` is `truth`."""

    left: Expression
    kind: str
    right: Expression
    truth: bool


class SizeBook:
    """What one recording learned about sizes: which are equal, which are pinned, which compared.

    Args:
        recorder: the recording that the book belongs to.
        dispatch: what NumPy's functions of a Size do (the recorder's ufunc entry).
    """

    def __init__(self, recorder: Any, dispatch: Callable[..., Any]) -> None:
        self.recorder = recorder
        self.dispatch = dispatch
        self.bindings: dict[Dim, Expression] = {}
        self.values: dict[Dim, int] = {}
        self.checks: dict[SizeCheck, None] = {}

    def dims_of(self, source: int, shape: Sequence[int]) -> tuple[Expression, ...]:
        """Sizes of a new input. An axis of length 1 stays 1: it may be there to be broadcast."""
        sizes = []
        for axis, n in enumerate(shape):
            dim = Dim(source, axis)
            self.values[dim] = n
            sizes.append(Expression.of(1 if n == 1 else dim))
        return tuple(sizes)

    def resolve(self, expression: Expression) -> Expression:
        """`expression` in terms of the dims that are still free."""
        while True:
            resolved = expression.substitute(self.bindings)
            if resolved is expression:
                return resolved
            expression = resolved

    def same(self, a: Expression, b: Expression) -> Expression:
        """Note that two sizes must be equal for the program to hold, and return the one to use."""
        a, b = self.resolve(a), self.resolve(b)
        if a == b:
            return a
        left, right = a.atom, b.atom
        if left is not None and right is not None and right < left:
            a, b, left, right = b, a, right, left
        if right is not None and right not in set(a.dims()):
            self.bindings[right] = a
            return a
        if left is not None and left not in set(b.dims()):
            self.bindings[left] = b
            return b
        self.checks[SizeCheck(a, "==", b, True)] = None
        return a

    def pin(self, size: Size) -> None:
        """Note that the program holds for this very number only."""
        resolved = self.resolve(size.expression)
        if resolved.constant is None:
            for dim in set(resolved.dims()):
                self.same(Expression.of(dim), Expression.of(self.values[dim]))

    def compared(self, left: Expression, kind: str, right: Expression, truth: bool) -> None:
        """Note a comparison that the user's code made."""
        left, right = self.resolve(left), self.resolve(right)
        if (left + -right).constant is not None:
            return
        if kind == "==" and truth:
            self.same(left, right)
        else:
            self.checks[SizeCheck(left, kind, right, truth)] = None

    def broadcast(self, *operands: tuple[Sequence[int], Sequence[Expression]]) -> Any:
        """Sizes of a broadcast result, from (shape, sizes) of each operand."""
        rank = max((len(shape) for shape, _ in operands), default=0)
        result: list[Expression] = []
        for axis in range(-rank, 0):
            found: Expression | None = None
            for shape, sizes in operands:
                if len(shape) >= -axis and shape[axis] != 1:
                    found = sizes[axis] if found is None else self.same(found, sizes[axis])
            result.append(Expression.of(1) if found is None else found)
        return tuple(result)


class _Recordings(threading.local):
    """The recordings under way in this thread, the innermost last."""

    def __init__(self) -> None:
        self.books: list[SizeBook] = []


_recordings = _Recordings()


def current_book() -> SizeBook | None:
    """The size book of the recording under way in this thread, if any."""
    return _recordings.books[-1] if _recordings.books else None


@contextmanager
def opened(book: SizeBook) -> Iterator[None]:
    """Make `book` the one that sizes report to."""
    _recordings.books.append(book)
    try:
        yield
    finally:
        _recordings.books.pop()
