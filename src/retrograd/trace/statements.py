"""The statements of a file: those that compute nothing, and those that store what they compute."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from retrograd.report import statements_of

_COPIES = ("len", "copy", "array", "asarray", "float", "list", "tuple", "dict")
_KEEPS = ("append", "insert", "extend", "update", "setdefault")


@dataclass(frozen=True)
class Line:
    """A statement that only refers to things, or one that stores what it computes."""

    targets: tuple[str, ...] = ()
    sources: tuple[ast.expr, ...] = ()
    returns: bool = False
    end: int = 0
    stores: tuple[ast.expr, ...] = ()


@lru_cache(maxsize=64)
def lines_of(file: str) -> dict[int, Line]:
    """The statements of a file that only refer to things, by line."""
    found = {}
    for node in statements_of(file):
        line = _line_of(node)
        if line is not None:
            found[node.lineno] = line  # type: ignore[attr-defined]
    return found


def _line_of(node: ast.AST) -> Line | None:
    if isinstance(node, ast.Assign):
        stores = tuple(t for target in node.targets for t in _single(target))
        end = node.end_lineno or node.lineno
        if not _refers(node.value):
            return Line(end=end, stores=stores) if stores else None
        targets = tuple(ast.unparse(t) for t in node.targets)
        return Line(targets, (node.value,), False, end, stores)
    if isinstance(node, ast.AugAssign):
        return Line(end=node.end_lineno or node.lineno, stores=(node.target,))
    if isinstance(node, ast.Return) and node.value is not None:
        plain = (node.value,) if _refers(node.value) else ()
        if plain or isinstance(node.value, ast.IfExp):
            return Line((), plain, True, node.end_lineno or node.lineno)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        call = node.value
        keeps = isinstance(call.func, ast.Attribute) and call.func.attr in _KEEPS
        if keeps and all(_refers(a) for a in call.args):
            return Line(
                (ast.unparse(call.func),), tuple(call.args), False, node.end_lineno or node.lineno
            )
    return None


def _single(target: ast.expr) -> Iterator[ast.expr]:
    """What an assignment to several things writes into."""
    if isinstance(target, ast.Tuple | ast.List):
        for item in target.elts:
            yield from _single(item)
    else:
        yield target


def _refers(node: ast.expr) -> bool:
    """Whether an expression makes nothing new."""
    if isinstance(node, ast.Name | ast.Constant):
        return True
    if isinstance(node, ast.Attribute):
        return _refers(node.value)
    if isinstance(node, ast.Subscript):
        return _refers(node.value) and not isinstance(node.slice, ast.Slice | ast.Tuple)
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.operand, ast.Constant)
    if isinstance(node, ast.List | ast.Tuple):
        return all(_refers(item) for item in node.elts)
    if isinstance(node, ast.Dict):
        return all(_refers(item) for item in node.values)
    if isinstance(node, ast.Call):
        return _copies(node)
    return False


def name_of_call(call: ast.Call) -> str:
    """The last part of the name of what is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _copies(call: ast.Call) -> bool:
    if name_of_call(call) not in _COPIES:
        return False
    if isinstance(call.func, ast.Attribute) and not call.args:
        return _refers(call.func.value)
    return len(call.args) == 1 and _refers(call.args[0])
