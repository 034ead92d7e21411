"""The first and the last line of written text: `def` and `return`."""

from __future__ import annotations

from collections.abc import Sequence

from retrograd.program import Parameter


def signature(function: str, parameters: Sequence[Parameter], keywords: Sequence[str]) -> list[str]:
    """The `def` line: the user's parameters, captured arrays by keyword."""
    parts: list[str] = []
    starred = False
    bare = [p for p in parameters if p.kind == "positional" and p.default is None]
    required = list(parameters).index(bare[-1]) if bare else -1  # defaults only after this one
    for number, p in enumerate(parameters):
        if p.kind == "keyword" and not starred:
            parts.append("*")
            starred = True
        prefix = p.kind if p.kind in ("*", "**") else ""
        starred = starred or p.kind == "*"
        fixed = p.default is None or p.kind in ("*", "**") or number < required
        default = "" if fixed else f"={p.default}"
        parts.append(f"{prefix}{p.name}{default}")
    if keywords:
        at = len(parts) - (1 if parts and parts[-1].startswith("**") else 0)
        parts[at:at] = [*([] if starred else ["*"]), *keywords]
    line = f"def {function}({', '.join(parts)}):"
    if len(line) <= 100:
        return [line]
    lines, current = [f"def {function}("], "   "
    for part in parts:
        if len(current) + len(part) + 2 > 98:
            lines.append(current)
            current = "   "
        current += f" {part},"
    return [*lines, current, "):"]


def returned(result: str) -> list[str]:
    """The `return` line, in several lines where one is too long."""
    line = f"    return {result}"
    if len(line) <= 100:
        return [line]
    lines, current = ["    return ("], "       "
    for part in _split(result):
        if len(current) + len(part) + 1 > 98:
            lines.append(current)
            current = "       "
        current += f" {part}"
    return [*lines, current, "    )"]


def _split(text: str) -> list[str]:
    """A text in parts after each comma."""
    pieces = text.split(", ")
    return [p + "," for p in pieces[:-1]] + [pieces[-1]]
