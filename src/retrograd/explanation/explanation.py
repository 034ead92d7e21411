"""rg.explain(f, *args): the forward and the backward pass of a function, line by line."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from retrograd.check.differences import slope
from retrograd.errors import ArgumentError
from retrograd.explanation.detail import detail
from retrograd.explanation.latex import latex
from retrograd.explanation.numbers import plain_text
from retrograd.explanation.overview import overview
from retrograd.explanation.run import Ran, Row, run
from retrograd.gradient import Forward, Gradient, Wrt, value_and_grad
from retrograd.program import Value
from retrograd.write import load

_DATA = frozenset(
    {"x", "X", "y", "Y", "t", "T", "labels", "label", "target", "targets", "inputs", "data"}
)


class Explanation:
    """A function's forward and backward pass with the numbers of one run.

    `print` it for the overview; `.line(name)` shows one line in full, `.latex()` all of them as
    LaTeX.
    """

    def __init__(self, ran: Ran, unfused: Ran, title: str, checked: str) -> None:
        self.ran = ran
        self.title = title
        self._unfused = unfused
        self._checked = checked

    def __str__(self) -> str:
        return self.text()

    def text(self, width: int | None = None, *, ascii_only: bool = False) -> str:
        """The overview.

        Args:
            width: columns; those of the terminal where it is not given, 100 at most.
            ascii_only: no characters beyond ASCII.
        """
        lines = overview(self.ran, self.title, self._checked, _width(width), ascii_only)
        return _joined(lines, ascii_only)

    def line(
        self,
        name: str,
        entry: int | Sequence[int] | None = None,
        width: int | None = None,
        *,
        ascii_only: bool = False,
    ) -> str:
        """One line in full: as a formula, for one entry, and with the numbers of the run.

        Args:
            name: a name (`dz2`) or a label (`B1`).
            entry: which entry: a row, or one index for each axis; the first if not given.
            width: columns.
            ascii_only: no characters beyond ASCII.

        Raises:
            ArgumentError: RG410, there is no such line or no such entry.
        """
        row = self.row(name)
        given = () if entry is None else (entry,) if isinstance(entry, int) else tuple(entry)
        shape = row.value.shape
        inside = all(-n <= i < n for i, n in zip(given, shape, strict=False))
        if len(given) > len(shape) or not inside:
            raise ArgumentError(
                "RG410",
                f"{row.name} has shape {shape}, and no entry {', '.join(map(str, given))}",
                help="count from 0; one number names a row, one for each axis a single entry",
            )
        lines = detail(self.ran, self._unfused, row, given, _width(width), ascii_only)
        return _joined(lines, ascii_only)

    def row(self, name: str) -> Row:
        """The line with a name or a label.

        Raises:
            ArgumentError: RG410, there is none.
        """
        found = self.ran.row(name)
        if found is None:
            names = ", ".join(dict.fromkeys(r.name for r in self.ran.rows))
            raise ArgumentError(
                "RG410", f"there is no line {name!r}", help=f"a label, or one of {names}"
            )
        return found

    def latex(self) -> str:
        """The lines as LaTeX, one `align*` environment for each pass."""
        return latex(self.ran)

    def source(self) -> str:
        """The text that is explained, which is what runs."""
        return self.ran.written.source


def explain(
    f: Callable[..., Any],
    *args: Any,
    wrt: Wrt | None = None,
    rewrite: bool = True,
    **kwargs: Any,
) -> Explanation:
    """The forward and the backward pass of a function, with the numbers of this call.

    Args:
        f: NumPy code that returns a scalar.
        args: its arguments.
        wrt: which gradients, as in `grad`. If not given: those of all arrays of floats, arguments
            and captured ones, that are not named as data (x, y, t, labels, ...); of all of them if
            there are no others.
        rewrite: as in `grad`; False keeps softmax and cross-entropy apart.
        kwargs: its arguments by name.

    Returns:
        Print it for the overview; `.line("dz2", entry=0)` shows one line in full.

    Raises:
        RetrogradError: as `grad` does.

    >>> import numpy as np
    >>> print(explain(lambda w, x: np.mean((x @ w) ** 2), np.ones(2), np.ones((3, 2))).line("dw"))
    ... # doctest: +ELLIPSIS
    B1   dw = x.T @ (2 * t / N)...
    """
    chosen = _parameters(f, args, kwargs) if wrt is None else wrt
    ran = _ran(value_and_grad(f, wrt=chosen, rewrite=rewrite), args, kwargs)
    unfused = _ran(value_and_grad(f, wrt=chosen, rewrite=False), args, kwargs) if rewrite else ran
    return Explanation(ran, unfused, getattr(f, "__name__", "f"), _checked(ran))


def _parameters(f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[str]:
    """The names of the arrays that look like parameters."""
    program = Forward(f).program(args, kwargs)
    names = []
    for item in program.inputs:
        if item.value.dtype.kind == "f":
            names.append(item.leaf.parameter if item.leaf is not None else str(item.captured))
    names = list(dict.fromkeys(names))
    chosen = [n for n in names if n.rpartition(".")[2] not in _DATA]
    return chosen or names


def _ran(gradient: Gradient, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Ran:
    entry = gradient.entry(*args, **kwargs)
    bound = gradient.arguments(*args, **kwargs)
    reads = {name: read() for name, read in entry.reads}
    ran = run(entry.program, entry.written, bound[0], {**bound[1], **reads})
    return replace(ran, shared=_shared(ran))


def _shared(ran: Ran) -> tuple[tuple[str, str], ...]:
    """The gradients that have no line of their own: the very array of another line."""
    names, result = ran.written.names, ran.program.result.children[1]
    wanted = {of: g for g, of in ran.program.gradient_of.items()}
    inputs = [i.value for i in ran.program.inputs if i.value.dtype.kind == "f"]
    learned = [v for v in inputs if v not in wanted]
    returned = [g for g in result.leaves() if isinstance(g, Value) and g in names]
    missing = [g for g in returned if ran.program.gradient_of.get(g) not in inputs]
    pairs = [(v, g) for v in learned for g in missing if v.shape == g.shape]
    if len({v for v, _ in pairs}) != len(pairs):
        return ()  # it cannot be told which is which
    return tuple((f"d{names[v]}", names[g]) for v, g in pairs)


def _checked(ran: Ran) -> str:
    """The backward pass against differences of the text's own forward pass."""
    if any(p.kind.startswith("*") for p in ran.program.parameters):
        return ""
    function = load(ran.written)
    worst, where = 0.0, ""
    inputs = {v: x for v, x in ran.values.items() if v in {i.value for i in ran.program.inputs}}
    rng = np.random.default_rng(0)
    for gradient, of in ran.program.gradient_of.items():
        if of not in inputs or gradient not in ran.values:
            continue
        x = np.asarray(inputs[of], dtype=float)
        direction = rng.normal(size=x.shape)
        parts = ran.values[gradient] * direction
        ours = float(np.sum(parts))

        def along(t: complex, of: Value = of, x: Any = x, direction: Any = direction) -> complex:
            moved = {**inputs, of: x + np.real(t) * direction}
            return complex(_value(function, ran, moved))

        found = slope(along, float(np.finfo(float).eps), max(1.0, float(np.max(np.abs(x)))))
        size = max(float(np.sum(np.abs(parts))), abs(found.value), 1e-12)
        off = max(abs(ours - found.value) - found.error, 0.0) / size
        if off >= worst and not found.kink:
            worst, where = off, ran.written.names[of]
    if not where:
        return ""
    verdict = "agrees with" if worst < 1e-5 else "DIFFERS FROM"
    return f"backward {verdict} differences: worst {worst:.0e} ({where})"


def _value(function: Callable[..., Any], ran: Ran, values: dict[Value, Any]) -> float:
    """The value of the text for other inputs."""
    program, keywords = ran.program, iter(ran.written.keywords)
    trees = {p.name: p.tree for p in program.parameters}
    made = {}
    for name, tree in trees.items():
        made[name] = tree.build(
            lambda pair: values[pair[1]] if isinstance(pair[1], Value) else pair[1]
        )
    for item in program.inputs:
        if item.captured is not None:
            made[next(keywords)] = values[item.value]
    with np.errstate(all="ignore"):
        result = function(**made)
    return float(np.real(result[0]))


def _width(width: int | None) -> int:
    return width or min(shutil.get_terminal_size((80, 24)).columns, 100)


def _joined(lines: Sequence[str], ascii_only: bool) -> str:
    text = "\n".join(line.rstrip() for line in lines)
    return plain_text(text) if ascii_only else text
