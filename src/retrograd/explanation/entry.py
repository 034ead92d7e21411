"""One entry of a line: with its indices, and with the numbers of the run.

`dz1 = da1 * (z1 > 0)` becomes `da1[n,k] · 1{z1[n,k] > 0}`; with numbers, `0.12 · 1{0.70 > 0}`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from retrograd.explanation.entry_rules import HANDLERS, Index, shape_of
from retrograd.explanation.latex import math_text
from retrograd.explanation.numbers import number, vector
from retrograd.explanation.run import Ran, Row
from retrograd.ops.literals import size
from retrograd.ops.spelling import ADD, ATOM, COMPARE, MULTIPLY, UNARY, Text
from retrograd.program import Constant, Operand, SizeOperand, Step, Value

_MOST_TERMS = 3

_INFIX = {
    "add": ("+", ADD), "subtract": ("−", ADD), "multiply": ("·", MULTIPLY),
    "divide": ("/", MULTIPLY), "greater": (">", COMPARE), "less": ("<", COMPARE),
    "greater_equal": ("≥", COMPARE), "less_equal": ("≤", COMPARE), "equal": ("=", COMPARE),
    "not_equal": ("≠", COMPARE),
}  # fmt: skip
_SAME = ("copy", "astype", "broadcast_to", "as_float")
_CALLED = {"exp": "exp", "log": "log", "tanh": "tanh", "sin": "sin", "cos": "cos", "sqrt": "√",
           "log1p": "log1p", "absolute": "abs", "maximum": "max", "minimum": "min",
           "logaddexp": "logaddexp", "sign": "sign"}  # fmt: skip


class Entries:
    """Writes entries of the values of one run.

    Args:
        ran: the text and its run.
        row: the line; values that it does not make itself are called by their names.
    """

    def __init__(self, ran: Ran, row: Row) -> None:
        self.ran = ran
        self.own = {step.output: step for step in row.steps}
        self.producers = {**ran.program.producers, **self.own}
        self.numeric = False
        self.used: set[str] = set()  # the letters of the entry itself

    def indices(self, value: Value) -> list[str]:
        """A letter for each axis: n for the examples, and so on."""
        letters: list[str] = []
        spare = iter("ijlmpqrijlmpqr")
        for own in value.sizes:
            name = self.ran.written.sizes.get(own.atom) if own.atom is not None else None
            letter = name.lower() if name else next(spare)
            letters.append(letter if letter not in letters else f"{letter}'")
        return letters

    def symbolic(self, value: Value, index: Sequence[Index]) -> str:
        """The entry with letters."""
        self.numeric = False
        self.used = {i for i in index if isinstance(i, str)}
        return self.of(value, list(index)).code

    def with_numbers(self, value: Value, index: Sequence[Index]) -> str:
        """The entry with the numbers of the run; None in the index stands for all of an axis."""
        self.numeric = True
        return self.of(value, list(index)).code

    # one operand
    def of(self, operand: Operand, index: list[Index]) -> Text:
        """An entry of an operand."""
        if isinstance(operand, Constant):
            value = operand.value
            return Text(number(value) if np.ndim(value) == 0 else vector(value))
        if isinstance(operand, SizeOperand):
            if self.numeric:
                return Text(number(operand.value))
            return size(operand.expression, self.ran.written.sizes, whole=False)
        step = self.own.get(operand)
        if step is None:
            return self.leaf(operand, index)
        return self._step(step, index)

    def leaf(self, value: Value, index: list[Index]) -> Text:
        """An entry of a value that another line made: by its name, or its number."""
        name = self.ran.written.names.get(value)
        if name is None:
            raise LookupError("a value without a name")
        index = [0 if n == 1 else i for i, n in zip(index, value.shape, strict=True)]
        if not self.numeric:
            name = math_text(name)
            shown = [i for i, n in zip(index, value.shape, strict=True) if n != 1]
            letters = ",".join(":" if i is None else str(i) for i in shown)
            return Text(f"{name}[{letters}]" if shown else name)
        known = self.ran.values.get(value)
        if known is None:
            return Text(name)
        key = tuple(slice(None) if i is None else i for i in index)
        taken = np.asarray(known)[key] if np.ndim(known) else known  # type: ignore[index]
        text = vector(taken)
        return Text(text, UNARY if text.startswith("-") else ATOM)

    # one step
    def _step(self, step: Step, index: list[Index]) -> Text:
        name = step.op.name
        if name in _INFIX:
            symbol, precedence = _INFIX[name]
            left, right = self.broadcast(step, index)
            if name == "multiply":
                left, right = (self._indicator(step, i, t) for i, t in enumerate((left, right)))
            tight = precedence if precedence != COMPARE else precedence + 1
            text = f"{left.at_least(tight)} {symbol} {right.at_least(precedence + 1)}"
            return Text(text, precedence)
        if step.op.alias or name in _SAME:
            first = step.inputs[0]
            return self.of(first, index[len(index) - len(shape_of(first)) :])
        handler = HANDLERS.get(name)
        if handler is not None:
            return handler(self, step, index)
        if step.op.elementwise:
            operands = [t.code for t in self.broadcast(step, index)]
            return Text(f"{_CALLED.get(name, name)}({', '.join(operands)})")
        return self.leaf(step.output, index)

    def broadcast(self, step: Step, index: list[Index]) -> list[Text]:
        """Elementwise operands: the last axes, and 0 where an axis has length 1."""
        found = []
        for operand in step.inputs:
            shape = shape_of(operand)
            own = index[len(index) - len(shape) :]
            own = [0 if n == 1 else i for i, n in zip(own, shape, strict=True)]
            found.append(self.of(operand, own))
        return found

    def _indicator(self, step: Step, place: int, text: Text) -> Text:
        """A truth value that is multiplied is 1 or 0."""
        operand = step.inputs[place]
        if isinstance(operand, Value) and operand.dtype == np.bool_:
            return Text(f"1{{{text.code}}}")
        return text

    def sum_over(self, size: int, letter: str, term: Callable[[Index], Text]) -> Text:
        """Σ over an index; its first terms, where it is written with numbers."""
        if not self.numeric:
            return Text(f"Σ_{letter} {term(letter).at_least(MULTIPLY)}", ADD)
        terms = [term(i).at_least(MULTIPLY) for i in range(min(size, _MOST_TERMS))]
        more = f" + … ({size} terms)" if size > _MOST_TERMS else ""
        return Text(" + ".join(terms) + more, ADD)

    def letter(self, value: Value, axis: int, taken: Sequence[Index]) -> str:
        """A letter for an axis that is summed over."""
        letter = self.indices(value)[axis]
        while letter in taken or letter in self.used:
            letter += "'"
        return letter
