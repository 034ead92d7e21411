"""The size book: what one recording learned about sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from retrograd.program.expression import Dim, Expression
from retrograd.program.size import Size


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
