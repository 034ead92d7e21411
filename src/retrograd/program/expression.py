"""Expressions of array sizes, such as `N`, `2 * N + 1` or `1 / (N * C)`, in one canonical form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

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
    """`a // b`, `a % b` or a sum used as a base; folded where that is exact."""
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
