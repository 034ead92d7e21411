"""The name of every value in written text.

A value keeps the name it has in the user's code. Where one name stands for several values, those
from the same place (a loop, a helper called twice, a list of parameters) are numbered from 1;
otherwise the first keeps the bare name. The gradient of `W1` is `dW1`.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from retrograd.program import Program, Value

RESERVED = frozenset({"np", "type", "ValueError", "TypeError"})


class Names:
    """Names for the values of one program, all different.

    Args:
        program: the program.
        taken: names that are not free: the text's function, the sizes.
        chains: for values that share an array with a later one, that one.
    """

    def __init__(
        self,
        program: Program,
        taken: Iterable[str] = (),
        chains: Mapping[Value, Value] = MappingProxyType({}),
    ) -> None:
        self.chains = chains
        self.taken = {*RESERVED, *taken, *(p.name for p in program.parameters)}
        self.of: dict[Value, str] = {}
        self._inputs(program)
        self._steps(program)
        self._gradients(program)
        for value, last in chains.items():
            if last in self.of:
                self.of[value] = self.of[last]

    def unique(self, name: str, start: int = 2) -> str:
        """The name, with a number if it is taken."""
        if keyword.iskeyword(name):
            name += "_"
        if name in self.taken:
            joint = "_" if name[-1].isdigit() else ""
            while f"{name}{joint}{start}" in self.taken:
                start += 1
            name = f"{name}{joint}{start}"
        self.taken.add(name)
        return name

    def make(self, value: Value, name: str) -> str:
        """Give a value a name, and all values in the same array."""
        last = self.chains.get(value, value)
        if last not in self.of:
            self.of[last] = self.unique(name)
        self.of[value] = self.of[last]
        return self.of[value]

    def _inputs(self, program: Program) -> None:
        groups: dict[str, list[Value]] = {}
        for item in program.inputs:
            if item.leaf is not None and not item.leaf.path:
                self.of[item.value] = item.leaf.parameter
                continue
            hint = program.names.get(item.value) or (item.leaf.name if item.leaf else "array")
            groups.setdefault(hint, []).append(item.value)
        for hint, values in groups.items():
            self._group(hint, values, from_one=True)

    def _steps(self, program: Program) -> None:
        groups: dict[str, list[Value]] = {}
        lines: dict[str, set[object]] = {}
        for step in program.steps:
            name = program.names.get(step.output)
            if name is not None and step.output not in self.chains:
                groups.setdefault(name, []).append(step.output)
                where = step.where
                lines.setdefault(name, set()).add((where.file, where.line) if where else None)
        for name, values in groups.items():
            self._group(name, values, from_one=len(lines[name]) == 1 and len(values) > 1)

    def _group(self, hint: str, values: list[Value], *, from_one: bool) -> None:
        if len(values) == 1:
            self.make(values[0], hint)
            return
        for number, value in enumerate(values, 1):
            bare = number == 1 and not from_one
            joint = "_" if hint[-1].isdigit() else ""
            self.make(value, hint if bare else f"{hint}{joint}{number}")

    def _gradients(self, program: Program) -> None:
        made = {step.output for step in program.steps}
        for gradient, of in program.gradient_of.items():
            of = self.chains.get(of, of)
            if gradient in made and of in self.of and gradient not in {*self.of, *self.chains}:
                self.make(gradient, f"d{self.of[of]}")
