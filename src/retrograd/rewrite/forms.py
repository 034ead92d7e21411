"""Normal forms: what a value is, whatever way it was written.

`linear(v)` says v as a sum of coefficient * atom. `logarithm(v)` says log(v) in the same way:
products, quotients, powers and exponentials become sums, and a sum of exponentials becomes one
atom, `lse`. Axes are labelled by position, so `.T`, `[:, None]`, keepdims and reshapes by 1 vanish,
and `lse(u - m) = lse(u) - m` cancels any shift m that does not vary along the summed axis.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from retrograd.ops.reduce import axes_of
from retrograd.program import Constant, Operand, Program, Step, Value
from retrograd.rewrite.terms import (
    Atom,
    Form,
    Softplus,
    added,
    aligned,
    atom_form,
    has_unknown_sign,
    inside_of,
    log_number,
    log_of_sum,
    lse,
    moved,
    number_of,
    scaled,
)

_MOST_TERMS = 48  # a longer sum, such as one over a loop, is no logits that people write


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
            if form is None or len(form) > _MOST_TERMS:
                form = atom_form("value", value)
            self._linear[value] = form
        return self._linear[value]

    def logarithm(self, value: Value) -> Form:
        """The logarithm of the value as a sum."""
        if value not in self._logarithm:
            step = self._producers.get(value) if value.dtype.kind == "f" else None
            form = self._product(step) if step is not None else None
            if form is None or has_unknown_sign(form):
                form = atom_form("log", value)  # x / sqrt(x**2) is a sign, not one
            self._logarithm[value] = form
        return self._logarithm[value]

    def _sum(self, step: Step) -> Form | None:
        name = step.op.name
        if name in ("add", "subtract"):
            a, b = (self._linear_operand(i, step.output) for i in step.inputs)
            return added(a, b, 1 if name == "add" else -1)
        if name == "negative":
            return scaled(self._linear_operand(step.inputs[0], step.output), Fraction(-1))
        if name in ("multiply", "divide"):
            return self._multiple(step)
        if name in ("max", "min") and isinstance(step.inputs[0], Value):
            return _extreme(step)
        if name == "log_softmax":
            return self._normalized(step)
        if name in ("log", "log1p"):
            value = step.inputs[0]
            form = self.logarithm(value) if isinstance(value, Value) else None
            if name == "log1p" and isinstance(value, Value):
                less = self._one_less(value)
                if less is not None:
                    return less
            if form is None or has_unknown_sign(form):
                return None
            return form if name == "log" else log_of_sum({}, form)
        if name == "logaddexp":
            a, b = (self._linear_operand(i, step.output) for i in step.inputs)
            return log_of_sum(a, b)
        if name == "logsumexp":
            (value,) = step.values()
            keep = bool(step.params.get("keepdims", False))
            return lse(self.linear(value), summed_axes(step), value, keep)
        if name == "log_sigmoid":
            form = self._linear_operand(step.inputs[0], step.output)
            sign = Fraction(1 if step.params.get("negative") else -1)
            return scaled(log_of_sum({}, scaled(form, sign)), Fraction(-1))
        return self._moved(step, self.linear)

    def _multiple(self, step: Step) -> Form | None:
        a, b = step.inputs
        if step.op.name == "multiply" and isinstance(a, Constant):
            a, b = b, a
        factor = number_of(b)
        if factor is None or not factor or not isinstance(a, Value) or a.shape != step.output.shape:
            return None
        return scaled(self.linear(a), factor if step.op.name == "multiply" else 1 / factor)

    def _product(self, step: Step) -> Form | None:
        name = step.op.name
        if name == "exp":
            value = step.inputs[0]
            return self.linear(value) if isinstance(value, Value) else None
        if name in ("multiply", "divide"):
            a, b = (self._log_operand(i, step.output) for i in step.inputs)
            if a is None or b is None or has_unknown_sign(a) or has_unknown_sign(b):
                return None
            return added(a, b, 1 if name == "multiply" else -1)
        powers = {"sqrt": Fraction(1, 2), "square": Fraction(2), "reciprocal": Fraction(-1)}
        power = powers.get(name) if name != "power" else number_of(step.inputs[1])
        if power is not None and isinstance(step.inputs[0], Value):
            form = self.logarithm(step.inputs[0])
            return None if has_unknown_sign(form) else scaled(form, power)
        if name == "sum":
            return self._summed(step)
        if name == "softmax":
            return self._normalized(step)
        if name == "sigmoid":
            form = self._linear_operand(step.inputs[0], step.output)
            return scaled(log_of_sum({}, scaled(form, Fraction(-1))), Fraction(-1))
        if name in ("add", "subtract"):
            return self._log_of_sum(step)
        if name == "where":
            a, b = (self._log_operand(i, step.output) for i in step.inputs[1:])
            return a if a is not None and a == b else None
        return self._moved(step, self.logarithm)

    def _one_less(self, value: Value) -> Form | None:
        """log(1 - p) of a value that is -p, for p a sigmoid: the logarithm of the other share."""
        made = self._producers.get(value)
        if made is None or made.op.name != "negative" or not isinstance(made.inputs[0], Value):
            return None
        return self._other_share(made.inputs[0])

    def _other_share(self, p: Value) -> Form | None:
        """log(1 - p), for p a sigmoid."""
        x = argument_of_log_sigmoid(self.logarithm(p))
        return None if x is None else scaled(log_of_sum({}, x), Fraction(-1))

    def _log_of_sum(self, step: Step) -> Form | None:
        """log(exp(a) + exp(b)); 1 - sigmoid(x) and 1 + tanh(x), which are sigmoids."""
        first, second = step.inputs
        if step.op.name == "add" and number_of(second) == 1:
            first, second = second, first
        if number_of(first) == 1 and isinstance(second, Value):
            made = self._producers.get(second)
            if step.op.name == "add" and made is not None and made.op.name == "tanh":
                double = scaled(self._linear_operand(made.inputs[0], second), Fraction(2))
                one = scaled(log_of_sum({}, scaled(double, Fraction(-1))), Fraction(-1))
                return aligned(added(one, log_number(Fraction(2)), 1), second, step.output)
            if step.op.name == "subtract":
                form = self._other_share(second)
                return None if form is None else aligned(form, second, step.output)
        if step.op.name == "subtract":
            return None
        a, b = (self._log_operand(i, step.output) for i in step.inputs)
        if a is None or b is None or has_unknown_sign(a) or has_unknown_sign(b):
            return None
        return log_of_sum(a, b)

    def _summed(self, step: Step) -> Form | None:
        value = step.inputs[0]
        if not isinstance(value, Value):
            return None
        form = self.logarithm(value)
        if has_unknown_sign(form):
            return None
        return lse(form, summed_axes(step), value, bool(step.params.get("keepdims", False)))

    def _normalized(self, step: Step) -> Form:
        """log softmax(x) = x - lse(x)."""
        value = step.inputs[0]
        assert isinstance(value, Value)
        form = self.linear(value)
        return added(form, lse(form, summed_axes(step), value, True), -1)

    def _moved(self, step: Step, form_of: Callable[[Value], Form]) -> Form | None:
        """Through an op that only moves axes."""
        if not step.inputs or not isinstance(step.inputs[0], Value):
            return None
        value = step.inputs[0]
        places = _axis_map(step, value)
        if places is None:
            return None
        return moved(form_of(value), places)

    def _linear_operand(self, operand: Operand, output: Value) -> Form:
        if isinstance(operand, Value):
            return aligned(self.linear(operand), operand, output)
        number = number_of(operand)
        if number is not None:
            return {(Atom("one", None), ()): number} if number else {}
        return {(Atom("size", operand), ()): Fraction(1)}

    def _log_operand(self, operand: Operand, output: Value) -> Form | None:
        if isinstance(operand, Value):
            return aligned(self.logarithm(operand), operand, output)
        number = number_of(operand)
        if number is not None:
            if number <= 0:
                return None
            return log_number(number)
        return {(Atom("log size", operand), ()): Fraction(1)}


def argument_of_log_sigmoid(form: Form) -> Form | None:
    """The x of a form that is log(sigmoid(x)); None if it is none."""
    pluses = [(term, c) for term, c in form.items() if isinstance(term[0], Softplus)]
    if len(pluses) != 1 or pluses[0][1] != -1:
        return None
    inside = inside_of(pluses[0][0])
    rest = {term: c for term, c in form.items() if term != pluses[0][0]}
    if rest == inside:
        return inside
    return None if rest else scaled(inside, Fraction(-1))


def _extreme(step: Step) -> Form:
    """The largest along some axes, with keepdims or without: one atom."""
    axes = tuple(sorted(summed_axes(step)))
    where = tuple(a for a, n in enumerate(step.output.shape) if n != 1)
    return {(Atom(step.op.name, (step.inputs[0], axes)), where): Fraction(1)}


def summed_axes(step: Step) -> frozenset[int]:
    """The axes of a reduction or a softmax, counted from the front."""
    value = step.inputs[0]
    assert isinstance(value, Value)
    return frozenset(axes_of(step.params.get("axis"), len(value.shape)))


def _axis_map(step: Step, value: Value) -> Mapping[int, int] | None:
    """Where each axis (of length above 1) of an op's operand is in its result."""
    name, rank, output = step.op.name, len(value.shape), step.output
    if name == "transpose":
        axes = step.params.get("axes")
        order = tuple(reversed(range(rank))) if axes is None else tuple(a % rank for a in axes)
        return {axis: place for place, axis in enumerate(order)}
    if name in ("as_float", "copy"):
        return {a: a for a in range(rank)}
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
