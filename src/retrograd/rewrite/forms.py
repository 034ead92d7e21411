"""Normal forms: what a value is, whatever way it was written.

`linear(v)` says v as a sum of coefficient * atom. `logarithm(v)` says log(v) in the same way:
products, quotients, powers and exponentials become sums, and a sum of exponentials becomes one
atom, `lse`. Axes are labelled by position, so `.T`, `[:, None]`, keepdims and reshapes by 1 vanish,
and `lse(u - m) = lse(u) - m` cancels any shift m that does not vary along the summed axis.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from retrograd.program import Constant, Operand, Program, Step, Value


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


Term = tuple[Atom | LogSumExp, tuple[int, ...]]
Form = Mapping[Term, Fraction]


class Forms:
    """The normal forms of a program's values, each computed once."""

    def __init__(self, program: Program) -> None:
        self._producers = program.producers
        self._linear: dict[Value, Form] = {}
        self._logarithm: dict[Value, Form] = {}

    def linear(self, value: Value) -> Form:
        """The value as a sum."""
        if value not in self._linear:
            step = self._producers.get(value) if value.dtype.kind == "f" else None
            form = self._sum(step) if step is not None else None
            self._linear[value] = _atom("value", value) if form is None else form
        return self._linear[value]

    def logarithm(self, value: Value) -> Form:
        """The logarithm of the value as a sum."""
        if value not in self._logarithm:
            step = self._producers.get(value) if value.dtype.kind == "f" else None
            form = self._product(step) if step is not None else None
            if form is None or has_unknown_sign(form):
                form = _atom("log", value)  # x / sqrt(x**2) is a sign, not one
            self._logarithm[value] = form
        return self._logarithm[value]

    def _sum(self, step: Step) -> Form | None:
        name = step.op.name
        if name in ("add", "subtract"):
            a, b = (self._linear_operand(i, step.output) for i in step.inputs)
            return _added(a, b, 1 if name == "add" else -1)
        if name == "negative":
            return _scaled(self._linear_operand(step.inputs[0], step.output), Fraction(-1))
        if name in ("multiply", "divide"):
            return self._multiple(step)
        if name == "log_softmax":
            return self._normalized(step)
        if name == "log":
            value = step.inputs[0]
            form = self.logarithm(value) if isinstance(value, Value) else None
            return None if form is None or has_unknown_sign(form) else form
        return self._moved(step, self.linear)

    def _multiple(self, step: Step) -> Form | None:
        a, b = step.inputs
        if step.op.name == "multiply" and isinstance(a, Constant):
            a, b = b, a
        factor = _number(b)
        if factor is None or not factor or not isinstance(a, Value) or a.shape != step.output.shape:
            return None
        return _scaled(self.linear(a), factor if step.op.name == "multiply" else 1 / factor)

    def _product(self, step: Step) -> Form | None:
        name = step.op.name
        if name == "exp":
            value = step.inputs[0]
            return self.linear(value) if isinstance(value, Value) else None
        if name in ("multiply", "divide"):
            a, b = (self._log_operand(i, step.output) for i in step.inputs)
            if a is None or b is None or has_unknown_sign(a) or has_unknown_sign(b):
                return None
            return _added(a, b, 1 if name == "multiply" else -1)
        powers = {"sqrt": Fraction(1, 2), "square": Fraction(2), "reciprocal": Fraction(-1)}
        power = powers.get(name) if name != "power" else _number(step.inputs[1])
        if power is not None and isinstance(step.inputs[0], Value):
            form = self.logarithm(step.inputs[0])
            return None if has_unknown_sign(form) else _scaled(form, power)
        if name == "sum":
            return self._summed(step)
        if name == "softmax":
            return self._normalized(step)
        return self._moved(step, self.logarithm)

    def _summed(self, step: Step) -> Form | None:
        value = step.inputs[0]
        if not isinstance(value, Value):
            return None
        form = self.logarithm(value)
        if has_unknown_sign(form):
            return None
        return lse(
            form,
            summed_axes(step),
            value,
            bool(step.params.get("keepdims", False)),
        )

    def _normalized(self, step: Step) -> Form:
        """log softmax(x) = x - lse(x)."""
        value = step.inputs[0]
        assert isinstance(value, Value)
        form = self.linear(value)
        return _added(form, lse(form, summed_axes(step), value, True), -1)

    def _moved(self, step: Step, form_of: Callable[[Value], Form]) -> Form | None:
        """Through an op that only moves axes."""
        if not step.inputs or not isinstance(step.inputs[0], Value):
            return None
        value = step.inputs[0]
        places = _axis_map(step, value)
        if places is None:
            return None
        return {
            (atom, tuple(places[a] for a in axes)): c for (atom, axes), c in form_of(value).items()
        }

    def _linear_operand(self, operand: Operand, output: Value) -> Form:
        if isinstance(operand, Value):
            return _aligned(self.linear(operand), operand, output)
        number = _number(operand)
        if number is not None:
            return {(Atom("one", None), ()): number} if number else {}
        return {(Atom("size", operand), ()): Fraction(1)}

    def _log_operand(self, operand: Operand, output: Value) -> Form | None:
        if isinstance(operand, Value):
            return _aligned(self.logarithm(operand), operand, output)
        number = _number(operand)
        if number is not None:
            if number <= 0:
                return None
            return {} if number == 1 else {(Atom("log number", number), ()): Fraction(1)}
        return {(Atom("log size", operand), ()): Fraction(1)}


def summed_axes(step: Step) -> frozenset[int]:
    """The axes of a reduction or a softmax, counted from the front."""
    value = step.inputs[0]
    assert isinstance(value, Value)
    axis = step.params.get("axis")
    rank = len(value.shape)
    if axis is None:
        return frozenset(range(rank))
    return frozenset(a % rank for a in (axis if isinstance(axis, tuple) else (axis,)))


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
    result = {(atom, tuple(position[a] for a in axes)): c for (atom, axes), c in outside.items()}
    for count in copies:  # the same number, so many times
        result = dict(_added(result, {(Atom("log count", count), ()): Fraction(1)}, 1))
    if not inside:
        return result
    sum_of = LogSumExp(frozenset(inside.items()), summed)
    term: Term = (sum_of, tuple(position[a] for a in sum_of.kept()))
    return _added(result, {term: Fraction(1)}, 1)


def _positions_after(summed: frozenset[int], rank: int, keepdims: bool) -> list[int]:
    if keepdims:
        return list(range(rank))
    return [a - sum(1 for s in summed if s < a) for a in range(rank)]


def _axis_map(step: Step, value: Value) -> Mapping[int, int] | None:
    """Where each axis (of length above 1) of an op's operand is in its result."""
    name, rank, output = step.op.name, len(value.shape), step.output
    if name == "transpose":
        axes = step.params.get("axes")
        order = tuple(reversed(range(rank))) if axes is None else tuple(a % rank for a in axes)
        return {axis: place for place, axis in enumerate(order)}
    if name == "broadcast_to":
        return {a: a + len(output.shape) - rank for a in range(rank)}
    if name in ("expand_dims", "squeeze", "reshape") or (name == "index" and _only_new_axes(step)):
        old = [a for a in range(rank) if value.shape[a] != 1]
        new = [a for a in range(len(output.shape)) if output.shape[a] != 1]
        alike = [value.sizes[a] for a in old] == [output.sizes[a] for a in new]
        return dict(zip(old, new, strict=True)) if alike else None
    return None


def _only_new_axes(step: Step) -> bool:
    return all(k is None or k is Ellipsis or k == slice(None) for k in step.params["key"])


def _atom(kind: str, value: Value) -> Form:
    axes = tuple(a for a, n in enumerate(value.shape) if n != 1)
    return {(Atom(kind, value), axes): Fraction(1)}


def _number(operand: Operand) -> Fraction | None:
    if isinstance(operand, Constant) and type(operand.value) in (int, float):
        return Fraction(operand.value) if operand.value - operand.value == 0 else None
    return None


def _aligned(form: Form, value: Value, output: Value) -> Form:
    shift = len(output.shape) - len(value.shape)
    return {(atom, tuple(a + shift for a in axes)): c for (atom, axes), c in form.items()}


def _added(a: Form, b: Form, sign: int) -> Form:
    total = dict(a)
    for term, c in b.items():
        total[term] = total.get(term, Fraction(0)) + sign * c
    return {term: c for term, c in total.items() if c}


def _scaled(form: Form, factor: Fraction) -> Form:
    return {term: c * factor for term, c in form.items() if factor}


def varies_along(form: Form, axes: Sequence[int]) -> Form:
    """The terms that vary along any of the axes."""
    return {term: c for term, c in form.items() if set(term[1]) & set(axes)}
