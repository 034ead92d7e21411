"""The overview: every line with its shape, its values at a glance, and why it is there."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from retrograd.explanation.numbers import glance, number
from retrograd.explanation.run import Ran, Row
from retrograd.explanation.words import CHAIN, GRADIENT, Reasons, dead_rows, reasons, words
from retrograd.ops.literals import size
from retrograd.program import Value

_MEANINGS = {"N": "examples", "D": "inputs", "K": "hidden", "C": "classes", "T": "tokens"}
_SAME = "it was added once, so it has the same slopes: no line is needed"
_LABEL, _CODE, _SHAPE = 4, 40, 11


def overview(ran: Ran, title: str, checked: str, width: int, ascii_only: bool) -> list[str]:
    """The lines of the overview.

    Args:
        ran: the text and its run.
        title: what is explained.
        checked: what a comparison with differences said.
        width: columns.
        ascii_only: no characters beyond ASCII in the values at a glance.
    """
    order = list(_MEANINGS)
    sizes = sorted(
        ran.written.sizes.items(),
        key=lambda item: (order.index(item[1][0]) if item[1][0] in order else 9, item[1]),
    )
    known = _size_values(ran)
    shown = [
        f"{letter}={known[dim]} {_meaning(letter, ran)}".rstrip()
        for dim, letter in sizes
        if dim in known
    ]
    lines = textwrap.wrap(f"{title}    {'  '.join(shown)}", width, subsequent_indent="    ")
    result = next((r for r in reversed(ran.rows) if not r.backward), None)
    if result is not None and np.ndim(result.result) == 0:
        lines.append(f"{result.name} = {number(result.result, 4)}     {checked}")
    why = reasons(ran)
    for backward in (False, True):
        rows = [r for r in ran.rows if r.backward == backward]
        if rows:
            lines += ["", *_heading(why if backward else None, width)]
            lines += _table(ran, rows, why, width, ascii_only)
    for name, same in ran.shared:
        lines += [f"{'':{_LABEL}}{name} = {same}", f"{'':{_LABEL + 2}}{_SAME}"]
    notes = [line for note in dead_rows(ran) for line in textwrap.wrap(f"note: {note}", width)]
    return [*lines, *([""] if notes else []), *notes]


def _meaning(letter: str, ran: Ran) -> str:
    """What a letter stands for, where the rows of the data are examples and there are classes."""
    rows = [i.value for i in ran.program.inputs if len(i.value.shape) == 2]
    first = {ran.written.sizes.get(v.sizes[0].atom) for v in rows}  # type: ignore[arg-type]
    notes = [s.note.text for row in ran.rows for s in row.steps if s.note is not None]
    plain = "N" in first and (letter in "ND" or any("softmax" in n for n in notes))
    return _MEANINGS.get(letter.rstrip("0123456789"), "") if plain else ""


def _size_values(ran: Ran) -> dict[Any, int]:
    values: dict[Any, int] = {}
    for value in (*(i.value for i in ran.program.inputs), *(r.value for r in ran.rows)):
        for n, expression in zip(value.shape, value.sizes, strict=True):
            if expression.atom is not None:
                values.setdefault(expression.atom, n)
    return values


def _heading(why: Mapping[str, Reasons] | None, width: int) -> list[str]:
    """The heading of the forward pass, or for the reasons of the backward pass, what they mean."""
    columns = f"{'shape':<{_SHAPE}}values"
    if why is None:
        return [f"{'forward':<{_LABEL + _CODE}}{columns}"]
    meanings = "; ".join(words(why))
    said = f"{GRADIENT} {CHAIN}" + (f" Words: {meanings}." if meanings else "")
    wrapped = textwrap.wrap(said, width - _LABEL)
    lines = [f"{'backward  (this is what runs)':<{_LABEL + _CODE}}{columns}"]
    return [*lines, *(f"{'':{_LABEL}}{w}" for w in wrapped)]


def _table(
    ran: Ran, rows: Sequence[Row], why: Mapping[str, Reasons], width: int, ascii_only: bool
) -> list[str]:
    lines = []
    for row in rows:
        shape = shape_text(row.value, ran)
        room = width - _LABEL - _CODE - max(_SHAPE, len(shape) + 1)
        values = glance(row.result, ascii_only, room)
        for number_, code in enumerate(row.code):
            label = f"{row.label:>{_LABEL - 1}} " if number_ == 0 else " " * _LABEL
            lines.append(f"{label}{code}")
        if len(row.code[-1]) >= _CODE:
            lines.append("")
        lines[-1] = f"{lines[-1]:<{_LABEL + _CODE}}{shape:<{_SHAPE}}{values}".rstrip()
        sentence = why[row.label].sentence() if row.backward else ""
        wrapped = textwrap.wrap(sentence, width - _LABEL - 2)
        lines += [f"{'':{_LABEL + 2}}{w}" for w in wrapped]
    return lines


def shape_text(value: Value, ran: Ran) -> str:
    """The shape in letters and in numbers, such as `N×K 6×4`."""
    if not value.shape:
        return "a number"
    numbers = "×".join(map(str, value.shape))
    letters = "×".join(size(s, ran.written.sizes).code for s in value.sizes)
    if len(letters) > 14:  # formulas of sizes: the numbers say it
        return numbers
    return numbers if letters == numbers else f"{letters} {numbers}"
