"""What flows through the library: a Program is a list of steps, each `output = op(inputs)`.

All of it is frozen: a stage takes a program and returns another one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from retrograd.program.book import SizeCheck
from retrograd.program.expression import Expression
from retrograd.program.tree import Leaf, Tree
from retrograd.report import Position

if TYPE_CHECKING:
    from retrograd.ops.table import Op


@dataclass(frozen=True, eq=False)
class Value:
    """An array (or number) that a program computes or is given. Compared by identity.

    Attributes:
        number: counts the values of one program; gives a stable order.
        shape: the shape in this recording.
        dtype: the NumPy dtype.
        sizes: the shape in terms of the inputs' sizes, one expression an axis.
        weak: whether it is a plain Python float, which does not widen an array's dtype.
    """

    number: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    sizes: tuple[Expression, ...]
    weak: bool = False

    def __repr__(self) -> str:
        return f"%{self.number}{list(self.shape)}"


@dataclass(frozen=True)
class Constant:
    """A number or small array that stands in the program itself."""

    value: Any

    def __hash__(self) -> int:
        return hash(repr(self.value))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Constant)
            and type(self.value) is type(other.value)
            and repr(self.value) == repr(other.value)
            and (not isinstance(self.value, np.ndarray) or self.value is other.value)
        )


@dataclass(frozen=True)
class SizeOperand:
    """A number made of array sizes, used as an operand: the N of `/ N`."""

    value: Any
    expression: Expression


Operand = Value | Constant | SizeOperand


@dataclass(frozen=True)
class Note:
    """A reason for a step, in words, with `{placeholders}` for values and sizes."""

    text: str
    about: Mapping[str, Value | Expression] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Step:
    """One operation: `output = op(*inputs, **params)`.

    Attributes:
        op: the entry of the op table.
        inputs: its operands, in order.
        params: what is no array: axis, keepdims, shape, the form of an index.
        output: the value it makes.
        where: the user's code that made it.
        forward: for a step of the backward pass, the forward step that it differentiates.
        note: why this step is there, in words, where its forward line does not say so.
        written: the step as the user wrote it, where a rewrite put a recognized op in its place.
    """

    op: Op
    inputs: tuple[Operand, ...]
    params: Mapping[str, Any]
    output: Value
    where: Position | None = None
    forward: Step | None = None
    note: Note | None = None
    written: Step | None = None

    def values(self) -> Iterator[Value]:
        """The inputs that are values."""
        return (i for i in self.inputs if isinstance(i, Value))


@dataclass(frozen=True)
class Parameter:
    """One parameter of the recorded function.

    Attributes:
        name: its name.
        tree: its argument; the leaves are (Leaf, Value) for arrays and numbers of type float, and
            (Leaf, object) for everything else, on which the recording depends.
        kind: "positional", "keyword", "*" or "**".
        default: the text of its default, where that is a plain number, string or None.
    """

    name: str
    tree: Tree
    kind: str = "positional"
    default: str | None = None


@dataclass(frozen=True, eq=False)
class Input:
    """An array that the program is given.

    Attributes:
        value: the value that stands for it.
        leaf: where it is in the arguments, or None for a captured array.
        captured: how the user's code reaches it (`W1`, `model.W`), or None for an argument.
        read: gets a captured array as it is now.
    """

    value: Value
    leaf: Leaf | None = None
    captured: str | None = None
    read: Callable[[], Any] | None = None


@dataclass(frozen=True, eq=False)
class Program:
    """A function as a list of steps.

    Attributes:
        name: the recorded function's name.
        parameters: the function's parameters, in order.
        inputs: every array it is given, arguments first, captured arrays after them.
        steps: in the order in which they run.
        result: the tree of what it returns; its leaves are operands.
        names: the names that values have in the user's code.
        gradient_of: for a value that is a gradient, the value whose gradient it is.
        checks: comparisons of sizes on which the recording depends.
        defined: where the recorded function is defined, for messages.
        backward_from: index of the first step of the backward pass; None before there is one.
        known: arrays whose values decide a shape, such as masks, as they were when recorded.
    """

    name: str
    parameters: tuple[Parameter, ...]
    inputs: tuple[Input, ...]
    steps: tuple[Step, ...]
    result: Tree
    names: Mapping[Value, str]
    gradient_of: Mapping[Value, Value]
    checks: tuple[SizeCheck, ...] = ()
    defined: Position | None = None
    backward_from: int | None = None
    known: Mapping[Value, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        lines = [f"program {self.name}({', '.join(p.name for p in self.parameters)})"]
        for index, step in enumerate(self.steps):
            if index == self.backward_from:
                lines.append("  backward:")
            operands = ", ".join(_operand_text(i) for i in step.inputs)
            params = "".join(f", {k}={v!r}" for k, v in step.params.items())
            lines.append(f"  {step.output!r} = {step.op.name}({operands}{params})")
        lines.append(f"  return {self.result.describe(_operand_text)}")
        return "\n".join(lines)

    def positional(self) -> list[tuple[str, Tree]]:
        """The arguments one by one, those of `*args` each for itself."""
        found = []
        for parameter in self.parameters:
            if parameter.kind == "*":
                children = enumerate(parameter.tree.children)
                found += [(f"{parameter.name}[{n}]", child) for n, child in children]
            else:
                found.append((parameter.name, parameter.tree))
        return found

    @property
    def producers(self) -> dict[Value, Step]:
        """The step that makes each value."""
        return {step.output: step for step in self.steps}

    @property
    def users(self) -> dict[Value, list[Step]]:
        """The steps that take each value, once for each operand that it is."""
        users: dict[Value, list[Step]] = {}
        for step in self.steps:
            for value in step.values():
                users.setdefault(value, []).append(step)
        return users

    @property
    def results(self) -> set[Value]:
        """The values that it returns."""
        return {leaf for leaf in self.result.leaves() if isinstance(leaf, Value)}


def needed_for(results: Iterable[Any], steps: Sequence[Step]) -> set[Value]:
    """The values that results and checks depend on, results included."""
    needed = {result for result in results if isinstance(result, Value)}
    for step in reversed(steps):
        if step.output in needed or step.op.checks:
            needed.update(step.values())
            if step.written is not None:
                needed.update(step.written.values())
    return needed


def _operand_text(operand: Any) -> str:
    if isinstance(operand, Constant | SizeOperand):
        return repr(operand.value)
    return repr(operand)
