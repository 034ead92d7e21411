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
    return [f"def {function}(", *_filled([f"{part}," for part in parts], "    "), "):"]


def returned(result: str) -> list[str]:
    """The `return` line, in several lines where one is too long."""
    line = f"    return {result}"
    if len(line) <= 100:
        return [line]
    first, *rest = result.split(", ")
    parts = [first]
    for piece in rest:
        parts[-1] += ","
        parts.append(piece)
    return ["    return (", *_filled(parts, "        "), "    )"]


def _filled(parts: Sequence[str], indent: str) -> list[str]:
    """The parts one after the other, in as few lines as fit."""
    lines: list[str] = []
    for part in parts:
        if lines and len(lines[-1]) + 1 + len(part) <= 98:
            lines[-1] += f" {part}"
        else:
            lines.append(indent + part)
    return lines
