"""Sums of coefficient * term, in which values are compared whatever way they were written.

A term is an atom or the logarithm of a sum of exponentials, with the axes along which it varies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar

from retrograd.program import Constant, Operand, Value


@dataclass(frozen=True)
class Atom:
    """A value, the logarithm of one, the logarithm of a number, or the number one."""

    kind: str
    what: Any


@dataclass(frozen=True)
class LogSumExp:
    """log(sum(exp(terms))) over the axes `summed` of the terms' own coordinates."""

    terms: frozenset[tuple[Term, Fraction]]
    summed: frozenset[int]

    def kept(self) -> tuple[int, ...]:
        """The other axes along which the terms vary, in order."""
        return tuple(sorted({a for (_, axes), _ in self.terms for a in axes} - self.summed))


@dataclass(frozen=True)
class Softplus:
    """log(1 + exp(terms)), elementwise; of terms and their negative only one is used.

    The terms' axes count among the axes along which it varies.
    """

    terms: frozenset[tuple[Term, Fraction]]


Term = tuple[Atom | LogSumExp | Softplus, tuple[int, ...]]
Form = Mapping[Term, Fraction]
Key = TypeVar("Key")


def is_canonical(form: Form) -> bool:
    """Whether a form, not its negative, is the one inside a Softplus."""
    first = min(form.items(), key=lambda item: _order(item[0]))
    return first[1] > 0


def _order(term: Term) -> tuple[str, str]:
    atom, axes = term
    number = getattr(getattr(atom, "what", None), "number", None)
    return (type(atom).__name__, f"{number if number is not None else atom!r:>020} {axes}")


def log_of_sum(a: Form, b: Form) -> Form:
    """log(exp(a) + exp(b)) = a + softplus(b - a)."""
    difference: Form = added(b, a, -1)
    if not difference:
        return added(a, log_number(Fraction(2)), 1)
    if not is_canonical(difference):
        a, difference = b, scaled(difference, Fraction(-1))
    return added(a, softplus(difference), 1)


def softplus(form: Form) -> Form:
    """log(1 + exp(form)) of a canonical form."""
    axes = tuple(sorted({axis for _, where in form for axis in where}))
    inside = moved(form, {axis: place for place, axis in enumerate(axes)})
    return {(Softplus(frozenset(inside.items())), axes): Fraction(1)}


def inside_of(term: Term) -> Form:
    """The form inside a Softplus, with the axes of where it stands."""
    found, axes = term
    assert isinstance(found, Softplus)
    return moved(dict(found.terms), dict(enumerate(axes)))


def moved(form: Form, places: Mapping[int, int]) -> Form:
    """A form with its axes at other places."""
    result: dict[Term, Fraction] = {}
    for (atom, axes), c in form.items():
        at = tuple(places[a] for a in axes)
        if isinstance(atom, Softplus) and list(at) != sorted(at):  # its axes are in order
            order = sorted(range(len(at)), key=at.__getitem__)
            turned = moved(dict(atom.terms), {old: new for new, old in enumerate(order)})
            atom, at = Softplus(frozenset(turned.items())), tuple(sorted(at))
        result[(atom, at)] = c
    return result


def log_number(number: Fraction) -> Form:
    """The logarithm of a positive number, prime by prime, so that log(2) + log(1/2) is nothing."""
    form: dict[Term, Fraction] = {}
    for part, sign in ((number.numerator, 1), (number.denominator, -1)):
        for prime, exponent in _factors(part):
            term: Term = (Atom("log number", Fraction(prime)), ())
            form[term] = form.get(term, Fraction(0)) + sign * exponent
    return {term: c for term, c in form.items() if c}


def _factors(n: int) -> list[tuple[int, int]]:
    """The prime factors below 100; what is left stays in one piece."""
    found = []
    for prime in range(2, 100):
        count = 0
        while n % prime == 0 and n > 1:
            n, count = n // prime, count + 1
        if count:
            found.append((prime, count))
    return [*found, (n, 1)] if n > 1 else found


def has_unknown_sign(form: Form) -> bool:
    """Whether a logarithm in the form is that of an array that may be negative or zero."""
    return any(isinstance(atom, Atom) and atom.kind == "log" for atom, _ in form)


def lse(form: Form, summed: frozenset[int], value: Value, keepdims: bool) -> Form:
    """log(sum(exp(form))) over some axes of a value: what does not vary along them comes out."""
    position = _positions_after(summed, len(value.shape), keepdims)
    varying = {a for _, axes in form for a in axes}
    copies = [value.sizes[a] for a in sorted(summed - varying) if value.shape[a] != 1]
    summed = summed & varying
    outside: dict[Term, Fraction] = {}
    inside: dict[Term, Fraction] = {}
    for (atom, axes), c in form.items():
        (inside if summed & set(axes) else outside)[(atom, axes)] = c
    result: dict[Term, Fraction] = {
        (atom, tuple(position[a] for a in axes)): c for (atom, axes), c in outside.items()
    }
    for count in copies:  # the same number, so many times
        copied: Term = (Atom("log count", count), ())
        result = added(result, {copied: Fraction(1)}, 1)
    if not inside:
        return result
    sum_of = LogSumExp(frozenset(inside.items()), summed)
    term: Term = (sum_of, tuple(position[a] for a in sum_of.kept()))
    return added(result, {term: Fraction(1)}, 1)


def _positions_after(summed: frozenset[int], rank: int, keepdims: bool) -> list[int]:
    if keepdims:
        return list(range(rank))
    return [a - sum(1 for s in summed if s < a) for a in range(rank)]


def atom_form(kind: str, value: Value) -> Form:
    """A value that is looked into no further."""
    axes = tuple(a for a, n in enumerate(value.shape) if n != 1)
    return {(Atom(kind, value), axes): Fraction(1)}


def number_of(operand: Operand) -> Fraction | None:
    """A constant as an exact number; None for anything else."""
    if isinstance(operand, Constant) and type(operand.value) in (int, float):
        return Fraction(operand.value) if operand.value - operand.value == 0 else None
    return None


def aligned(form: Form, value: Value, output: Value) -> Form:
    """The form of an operand, its axes those of the result that it is broadcast to."""
    shift = len(output.shape) - len(value.shape)
    return moved(form, {a: a + shift for a in range(len(value.shape))}) if shift else form


def added(a: Mapping[Key, Fraction], b: Mapping[Key, Fraction], sign: int) -> dict[Key, Fraction]:
    """a + sign * b, without the terms that cancel."""
    total = dict(a)
    for term, c in b.items():
        total[term] = total.get(term, Fraction(0)) + sign * c
    return {term: c for term, c in total.items() if c}


def scaled(form: Form, factor: Fraction) -> Form:
    """factor * form."""
    return {term: c * factor for term, c in form.items() if factor}


def varies_along(form: Form, axes: Sequence[int]) -> Form:
    """The terms that vary along any of the axes."""
    return {term: c for term, c in form.items() if set(term[1]) & set(axes)}
