"""How an operation is spelled in Python: text with its precedence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

# precedence of Python's operators, from loose to tight (language reference, 6.17)
COMPARE, BIT_OR, BIT_XOR, BIT_AND = 6, 7, 8, 9
ADD, MULTIPLY, UNARY, POWER, ATOM = 11, 12, 13, 14, 16


@dataclass(frozen=True)
class Text:
    """A piece of Python, how tightly it binds, and whether it is a plain number."""

    code: str
    precedence: int = ATOM
    plain: bool = False

    @property
    def array(self) -> str:
        """The code as something that has an array's methods."""
        return f"np.asarray({self.code})" if self.plain else self.at_least(ATOM)

    def indexed(self, place: int) -> Text:
        """An item of it."""
        return Text(f"{self.at_least(ATOM)}[{place}]")

    def at_least(self, precedence: int) -> str:
        """The code, in parentheses if it binds less tightly than that."""
        return self.code if self.precedence >= precedence else f"({self.code})"


Spelling = Callable[[Sequence[Text], Mapping[str, str]], Text]


def infix(symbol: str, precedence: int) -> Spelling:
    """`a + b`, for a left-associative operator."""

    def spell(args: Sequence[Text], params: Mapping[str, str]) -> Text:
        left = args[0].at_least(precedence if precedence != COMPARE else precedence + 1)
        return Text(f"{left} {symbol} {args[1].at_least(precedence + 1)}", precedence)

    return spell


def prefix(symbol: str) -> Spelling:
    """`-a`."""

    def spell(args: Sequence[Text], params: Mapping[str, str]) -> Text:
        return Text(f"{symbol}{args[0].at_least(UNARY)}", UNARY)

    return spell


def power(args: Sequence[Text], params: Mapping[str, str]) -> Text:
    """`a**b`, as the formatters write it."""
    return Text(f"{args[0].at_least(POWER + 1)}**{args[1].at_least(POWER)}", POWER)


def call(name: str) -> Spelling:
    """`np.name(a, b, axis=1)`."""

    def spell(args: Sequence[Text], params: Mapping[str, str]) -> Text:
        return Text(f"{name}({arguments(args, params)})")

    return spell


def method(name: str) -> Spelling:
    """`a.sum(axis=1)`, `(a * b).sum(axis=1)`."""

    def spell(args: Sequence[Text], params: Mapping[str, str]) -> Text:
        return Text(f"{args[0].array}.{name}({arguments(args[1:], params)})")

    return spell


def arguments(args: Sequence[Text], params: Mapping[str, str]) -> str:
    """The inside of a call's parentheses."""
    return ", ".join([a.code for a in args] + [f"{k}={v}" for k, v in params.items()])
