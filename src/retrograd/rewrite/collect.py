"""Multiply out and collect terms, where that leaves the gradient of a cross-entropy.

before    dz = (1 - y) * p - y * (1 - p)
after     dz = p - y
"""

from __future__ import annotations

from fractions import Fraction

from retrograd.ops import TABLE
from retrograd.program import Operand, Program, Step, Value
from retrograd.rewrite.rebuild import Rebuild
from retrograd.rewrite.terms import added, number_of

Monomial = tuple[Value, ...]  # the product of its values, in order of their numbers
Polynomial = dict[Monomial, Fraction]

_MOST_TERMS = 12


def collect(program: Program) -> Program:
    """Write sums of products with a sigmoid in them as `p - y`, where they are that."""
    rebuild = Rebuild(program)
    producers = program.producers
    known: dict[Value, Polynomial] = {}

    def polynomial(operand: Operand) -> Polynomial | None:
        number = number_of(operand)
        if number is not None:
            return {(): number} if number else {}
        if not isinstance(operand, Value):
            return None
        if operand not in known:
            made = producers.get(operand) if _is_exact(operand) else None
            expanded = expand(made) if made is not None else None
            if expanded is None or len(expanded) > _MOST_TERMS:
                expanded = {(operand,): Fraction(1)}
            known[operand] = expanded
        return known[operand]

    def expand(step: Step) -> Polynomial | None:
        name = step.op.name
        if name == "negative":
            return times(polynomial(step.inputs[0]), {(): Fraction(-1)})
        if name not in ("add", "subtract", "multiply"):
            return None
        a, b = (polynomial(i) for i in step.inputs)
        if a is None or b is None:
            return None
        return times(a, b) if name == "multiply" else added(a, b, 1 if name == "add" else -1)

    def visit(step: Step) -> None:
        terms = None
        if step.forward is not None and step.op.name in ("add", "subtract"):
            terms = _difference(expand(step), step, producers)
        if terms is None:
            rebuild.keep(step)
            return
        plus_term, minus_term = (rebuild.operand(t) for t in terms)
        recorder = rebuild.recorder
        rebuild.record(
            step, lambda *_: recorder.record(TABLE["subtract"], [plus_term, minus_term], {})
        )

    return rebuild.walk(visit)


def _is_exact(value: Value) -> bool:
    """Whether its arithmetic is that of numbers: small and unsigned integers wrap around."""
    kind = value.dtype.kind
    return kind == "f" or (kind == "i" and value.dtype.itemsize >= 4)


def _difference(
    found: Polynomial | None, step: Step, producers: dict[Value, Step]
) -> tuple[Value, Value] | None:
    """The p and the y of `p - y` or `y - p`, with p a sigmoid."""
    if found is None or len(found) != 2 or sorted(found.values()) != [-1, 1]:
        return None
    if any(len(monomial) != 1 for monomial in found):
        return None
    (minus,), (plus_,) = sorted(found, key=lambda monomial: found[monomial])
    shape = step.output.shape
    if plus_.shape != shape or minus.shape != shape or plus_.dtype != step.output.dtype:
        return None
    if {minus, plus_} == {i for i in step.inputs if isinstance(i, Value)}:
        return None  # it is written so already
    made = [producers.get(v) for v in (minus, plus_)]
    return (plus_, minus) if any(m is not None and m.op.name == "sigmoid" for m in made) else None


def times(a: Polynomial | None, b: Polynomial | None) -> Polynomial | None:
    """a * b."""
    if a is None or b is None:
        return None
    product: Polynomial = {}
    for first, c in a.items():
        for second, d in b.items():
            monomial = tuple(sorted(first + second, key=lambda v: v.number))
            product = added(product, {monomial: c * d}, 1)
    return product
