"""One line in full: as a formula, for one entry, with numbers, and where no matrix appears, why."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np

from retrograd.explanation.entry import Entries
from retrograd.explanation.entry_rules import Index
from retrograd.explanation.jacobians import jacobian_lines
from retrograd.explanation.latex import latex_line, math_text
from retrograd.explanation.numbers import plain_text, vector
from retrograd.explanation.overview import shape_text
from retrograd.explanation.run import Ran, Row
from retrograd.explanation.words import reasons

_TITLE = 13


def detail(
    ran: Ran, unfused: Ran, row: Row, entry: tuple[int, ...], width: int, ascii_only: bool
) -> list[str]:
    """The lines that show one line of the text in full.

    Args:
        ran: the text and its run.
        unfused: the same function with the loss not fused, for the slopes in between.
        row: the line.
        entry: its first indices; the first row if there are none.
        width: columns.
        ascii_only: no characters beyond ASCII in matrices.
    """
    head = f"{row.label:<5}{row.code[0]}"
    shape = shape_text(row.value, ran)
    gap = max(width - len(head) - len(shape), 2)
    lines = [f"{head}{' ' * gap}{shape}" if gap > 2 else head]
    lines += [f"     {code}" for code in row.code[1:]]
    if gap <= 2:
        lines.append(f"{'':>{width - len(shape)}}{shape}")
    if row.backward:
        why = reasons(ran)[row.label].sentence()
        lines += [f"     {w}" for w in textwrap.wrap(why, width - 5)]
    spelled = plain_text if ascii_only else str
    lines += [""]
    for title, text in _formulas(ran, row, entry):
        lines += _titled(title, spelled(text), width)
    about = jacobian_lines(ran, unfused, row, entry, ascii_only)
    lines += _section([spelled(line) for line in about], width)
    lines += ["", *_titled("LaTeX", latex_line(row, ran.written.names), width)]
    return lines


def _formulas(ran: Ran, row: Row, entry: tuple[int, ...]) -> list[tuple[str, str]]:
    """The line as a formula, one entry of it with letters, and with numbers; each with a title."""
    entries = Entries(ran, row)
    found = [("" if n else "formula", math_text(code)) for n, code in enumerate(row.code)]
    if all(step.output is not row.value for step in row.steps):
        return found
    letters: list[Index] = list(entries.indices(row.value))
    shown = f"[{','.join(map(str, letters))}]" if letters else ""
    shape = row.value.shape
    chosen = list(entry) or ([0] if shape else [])
    place: list[Index] = [i % n for i, n in zip(chosen, shape, strict=False)]
    place += [None] * (len(shape) - len(place))
    key: Any = tuple(slice(None) if i is None else i for i in place)
    try:
        symbolic = entries.symbolic(row.value, letters)
        with_numbers = entries.with_numbers(row.value, place)
    except (LookupError, ValueError):  # an operation that is not written entry by entry
        return found
    if symbolic == f"{math_text(row.name)}{shown}":
        return found
    found.append(("one entry", f"{math_text(row.name)}{shown} = {symbolic}"))
    where = ", ".join(f"{a} = {i}" for a, i in zip(letters, place, strict=True) if i is not None)
    found.append(("numbers", f"{where}:" if where else ""))
    found.append(("", with_numbers))
    found.append(("", f"= {vector(np.asarray(row.result)[key])}"))
    if "1{" in symbolic:
        found.append(("", "(1{...} is 1 where that is so, and 0 elsewhere)"))
    return found


def _titled(title: str, text: str, width: int) -> list[str]:
    if not text:
        return [f"     {title}"] if title else []
    wrapped = textwrap.wrap(text, width - _TITLE - 5, break_long_words=False) or [""]
    return [
        f"     {title if n == 0 else '':<{_TITLE}}{part}".rstrip() for n, part in enumerate(wrapped)
    ]


def _section(lines: Sequence[str], width: int) -> list[str]:
    """Words wrapped, matrices as they are (they are indented)."""
    if not lines:
        return []
    result = [""]
    for line in lines:
        if line.startswith("  ") or not line:
            result.append(f"     {line}")
        else:
            result += [f"     {w}" for w in textwrap.wrap(line, width - 5)]
    return result
