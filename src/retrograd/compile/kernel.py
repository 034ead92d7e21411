"""A loop as text."""

from __future__ import annotations

from dataclasses import dataclass, field

from retrograd.program import SizeOperand, Value


@dataclass
class Kernel:
    """A loop as text.

    Attributes:
        name: of the function.
        lines: its body.
        arrays: what it is called with: values in the shape in which it reads them, "full", "row",
            "column" or "one".
        sizes: numbers made of sizes that it is called with, by their name in it.
        temporary: rows that it keeps from one pass over a row to the next, by name.
        returns: the numbers that it returns.
        shared: whether it is given the rows through which it goes.
    """

    name: str
    lines: list[str] = field(default_factory=list)
    arrays: dict[str, tuple[Value, str]] = field(default_factory=dict)
    sizes: dict[str, SizeOperand] = field(default_factory=dict)
    temporary: list[str] = field(default_factory=list)
    returns: list[Value] = field(default_factory=list)
    shared: bool = False
