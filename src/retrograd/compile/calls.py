"""How the function of a loop is defined, and what it is called with."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from retrograd.compile.items import Loop
from retrograd.compile.kernel import Kernel
from retrograd.compile.naming import Names, product
from retrograd.errors import CannotCompileError
from retrograd.ops.literals import size
from retrograd.program import Value


@dataclass(frozen=True)
class Call:
    """A call of a loop's function.

    Attributes:
        kernel: the function.
        rows: how many rows there are, as text.
        columns: how long they are.
        temporary: the names of rows that it works in.
        arrays: what it reads and writes: the value, and the argument that it is.
        sizes: numbers made of sizes.
        flat: whether it goes through all rows as one.
    """

    kernel: Kernel
    rows: str
    columns: str
    temporary: list[str]
    arrays: list[tuple[Value, str]]
    sizes: list[str]
    flat: bool = False

    def arguments(self, rows: tuple[str, str] | None = None) -> list[str]:
        """All of them, in order.

        Args:
            rows: of a flat loop, the first row and the one after the last; None: all.
        """
        arrays = [argument for _, argument in self.arrays]
        shape = [self.rows, self.columns]
        if self.flat:
            own = shape if rows is None else [f"({rows[1]} - {rows[0]})", self.columns]
            shape = ["1", product(own)]
        if rows is not None:
            part = ":".join(product([row, self.columns]) for row in rows)
            arrays = [a if a.endswith("[0]") else f"{a}[{part}]" for a in arrays]
        return [*shape, *self.temporary, *arrays, *self.sizes]


def called(kernel: Kernel, loop: Loop, names: Names) -> Call:
    """The call of a loop's function."""
    rows, columns = _shape(loop, names)
    temporary = [names.free(row) for row in kernel.temporary]
    arrays = [
        (value, _argument(names.name(value), value, kind, loop, rows, columns))
        for value, kind in kernel.arrays.values()
    ]
    own = [size(s.expression, names.letters, whole=False).code for s in kernel.sizes.values()]
    return Call(kernel, rows, columns, temporary, arrays, own, loop.flat)


def definition(kernel: Kernel, name: Callable[[Value], str]) -> str:
    """The function of a loop as text.

    Args:
        kernel: the loop.
        name: what values are called.
    """
    given = ["rows", "columns", *kernel.temporary, *kernel.arrays, *kernel.sizes]
    given += ["first", "last"] if kernel.shared else []
    returned = ", ".join(map(name, kernel.returns))
    lines = [*kernel.lines, *([f"return {returned},"] if returned else [])]
    head = ["\n@kernel", f"def {kernel.name}({', '.join(given)}):"]
    return "\n".join([*head, *(f"    {line}" for line in lines)])


def _shape(loop: Loop, names: Names) -> tuple[str, str]:
    """The number of rows, and of columns."""
    values = (v for s in loop.steps for v in (s.output, *s.values()))
    whole = next((v for v in values if _is_whole(v, loop)), None)
    if whole is None:
        raise CannotCompileError("RG610", "a loop over numbers of rows alone")
    sizes = names.size(whole)
    return product(sizes[: len(loop.lead)]), sizes[-1] if loop.columns else "1"


def _argument(name: str, value: Value, kind: str, loop: Loop, rows: str, columns: str) -> str:
    rank = len(value.shape)
    if not rank:
        return name
    if kind in ("one", "cell"):
        return f"shaped({name}, (1,))[0]" if kind == "one" else f"shaped({name}, (1,))"
    if loop.flat:
        return f"shaped({name}, ({product([rows, columns])},))"
    whole = (*loop.lead, loop.columns) if loop.lead else (loop.columns,)
    if value.shape == whole and rank < 3 if kind == "full" else rank == 1:
        return name
    full = f"{rows}, {columns}" if loop.lead else f"{columns},"
    shape = {"full": full, "row": f"{rows},", "column": f"{columns},"}[kind]
    return f"shaped({name}, ({shape}))"


def _is_whole(value: Value, loop: Loop) -> bool:
    shape = value.shape
    if loop.columns:
        return shape == (*loop.lead, loop.columns)
    return shape in ((*loop.lead, 1), loop.lead) and math.prod(shape) > 0
