"""Lines with their comments, aligned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from retrograd.program import Step, Value

WIDTH = 100
INDENT = "    "


@dataclass(frozen=True)
class Line:
    """One line of the function's body.

    Attributes:
        code: Python.
        shape: the shape of the array it makes.
        reason: why it is there; "" where the line before said it.
        backward: whether it belongs to the backward pass.
        value: what the line makes, or the last of several lines that make it.
        steps: the steps that it runs; none for the lines that continue another one.
    """

    code: str
    shape: str
    reason: str
    backward: bool
    value: Value | None = None
    steps: tuple[Step, ...] = ()


def laid_out(lines: Sequence[Line], *, titled: bool) -> list[str]:
    """The lines with indentation and comments; `titled` puts headings above the two passes."""
    result: list[str] = []
    previous: bool | None = None
    for line, text in zip(lines, _commented(lines), strict=True):
        if titled and line.backward != previous:
            result += [f"{INDENT}# {'backward' if line.backward else 'forward'}"]
        previous = line.backward
        result.append(text)
    return result


def _commented(lines: Sequence[Line]) -> list[str]:
    texts = []
    for group in (False, True):
        own = [line for line in lines if line.backward == group]
        column = _column([len(line.code) for line in own])
        width = max((len(line.shape) for line in own if line.reason), default=0)
        texts += [_with_comment(line, column, width) for line in own]
    by_line = iter(texts)
    return [next(by_line) for _ in lines]


def _column(lengths: Sequence[int]) -> int:
    """Where comments begin: behind the longest line, leaving out the few that are far longer."""
    short = [n for n in lengths if n <= 64]
    return max(short, default=0) + 2


def _with_comment(line: Line, column: int, width: int) -> str:
    if not line.shape and not line.reason:
        return INDENT + line.code
    start = f"{INDENT}{line.code:<{column}}"
    if len(line.code) + 2 > column:
        start = f"{INDENT}{line.code}  "
    comment = f"# {line.shape:<{width}} {line.reason}" if line.reason else f"# {line.shape}"
    room = WIDTH - len(start)
    if len(comment) > room:
        comment = comment[: room - 3].rstrip() + "..." if room > width + 15 else f"# {line.shape}"
    return (start + comment).rstrip()
