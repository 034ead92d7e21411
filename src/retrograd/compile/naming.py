"""What values and sizes are called in compiled text."""

from __future__ import annotations

import keyword
from collections.abc import Iterable

from retrograd.compile.items import Plan
from retrograd.ops.literals import size
from retrograd.program import Dim, Input, Value

_OWN = {"np", "i", "j", "rows", "columns", "end", "at", "copy", "out", "work", "kernel", "label"}
_OWN |= {"thread", "part", "parts", "sync", "first", "last", "share", "take", "done", "wait"}
_OWN |= {"add_parts", "add_numbers", "losses", "count", "segment", "times", "clock"}
_OWN |= {"exp", "tanh", "erf", "erfc", "gemm", "gemv", "turn", "gradient", "update"}
_OWN |= {"shaped", "numbers", "step", "epoch", "min", "range"}


class Names:
    """The names of one compiled function.

    Args:
        plan: what it does.
        function: its own name.
    """

    def __init__(self, plan: Plan, function: str) -> None:
        self.plan, self.program = plan, plan.program
        self.taken = {*_OWN, function}
        self.of: dict[Value, str] = {}
        self.given = {i.value: _given_name(i) for i in self.program.inputs}
        self.letters: dict[Dim, str] = {}
        self.dims: list[str] = []
        for item in self.program.inputs:
            self.name(item.value)
        for item in self.program.inputs:
            self._dims(item.value)

    def name(self, value: Value) -> str:
        """What a value is called."""
        if value not in self.of:
            source = self.program.gradient_of.get(value)
            own = self.program.names.get(value) or self.given.get(value)
            made = own or (f"d{self.name(source)}" if source is not None else "")
            self.of[value] = self.free(made if made.isidentifier() else f"t{value.number}")
        return self.of[value]

    def free(self, name: str) -> str:
        """The name, or with a number behind it where it is taken."""
        return free(name, self.taken)

    def _dims(self, value: Value) -> None:
        for axis, expression in enumerate(value.sizes):
            dim = expression.atom
            if dim is not None and dim not in self.letters:
                letter = self.letters[dim] = self.free(f"n{len(self.letters)}")
                self.dims.append(f"{letter} = {self.name(value)}.shape[{axis}]")

    def size(self, value: Value) -> list[str]:
        """A shape, one text an axis."""
        return [size(e, self.letters).code for e in value.sizes]

    def entries(self, value: Value) -> str:
        """How many entries an array has."""
        return product(self.size(value))

    def shape(self, value: Value) -> str:
        """A shape as a tuple."""
        sizes = self.size(value)
        return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"

    def slices(self, buffer: str, values: Iterable[Value]) -> list[str]:
        """Each array as a part of one buffer."""
        lines = ["end = 0"]
        for value in values:
            lines.append(f"{self.name(value)}, end = at({buffer}, end, {self.shape(value)})")
        return lines


def free(name: str, taken: set[str]) -> str:
    """The name, or with a number behind it where it is taken; it is taken from now on."""
    base, count = name, 1
    while name in taken or keyword.iskeyword(name):
        count += 1
        name = f"{base}_{count}"
    taken.add(name)
    return name


def product(texts: list[str]) -> str:
    """A product of sizes as text."""
    return " * ".join(t if " " not in t else f"({t})" for t in texts) or "1"


def _given_name(item: Input) -> str:
    """What an input is called: the key at which it is in its argument, or the argument."""
    if item.captured is not None:
        return item.captured.replace(".", "_")
    assert item.leaf is not None
    keys = [str(key) for _, key in item.leaf.path if isinstance(key, str)]
    return keys[-1] if keys else item.leaf.parameter
