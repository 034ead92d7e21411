"""What stands around a line in the user's source: its function, and its loops."""

from __future__ import annotations

import ast

from retrograd.report import Position, statements_of

_LOOPS = (ast.For, ast.While)


def function_around(where: Position) -> ast.FunctionDef | None:
    """The innermost function around a line."""
    found = [n for n in statements_of(where.file) if isinstance(n, ast.FunctionDef)]
    return max((f for f in found if _holds(f, where)), key=lambda f: f.lineno, default=None)


def loops_around(where: Position) -> list[ast.For | ast.While]:
    """The loops around a line, the innermost last; not those whose first line it is."""
    found = [n for n in statements_of(where.file) if isinstance(n, _LOOPS)]
    inside = [n for n in found if _holds(n, where) and n.lineno < where.line]
    return sorted(inside, key=lambda n: n.lineno)


def line_of(node: ast.stmt, near: Position) -> Position:
    """A statement's line, in the function that another line is in."""
    return Position(near.file, near.function, node.lineno, node.lineno, -1, -1)


def _holds(node: ast.stmt, where: Position) -> bool:
    return node.lineno <= where.line <= (node.end_lineno or node.lineno)
