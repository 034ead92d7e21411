"""Where a wrong operand comes in: the line that takes it, or that gives it to a function."""

from __future__ import annotations

import ast
from functools import lru_cache

from retrograd.diagnosis.enclosing import function_around
from retrograd.diagnosis.tape import Tape
from retrograd.program import Step
from retrograd.report import Position, source_segment, statements_of


def entered(step: Step, operand: int, tape: Tape) -> Position | None:
    """The line on which an operand of a step is chosen.

    Inside of a function that only passes on what it was given, it is the line that called it.

    Args:
        step: the step.
        operand: the number of its operand.
        tape: the recording that it is of.
    """
    calls = tape.calls.get(step.output, ())
    if not calls or step.where is None:
        return step.where
    taken = _operand(source_segment(step.where), operand)
    for n, here in enumerate(calls):
        name = _name(taken)
        given = _parameters(here.file).get((here.function, _start(here)))
        if n + 1 >= len(calls) or name is None or given is None or name not in given:
            return here
        if _used_beside(name, here):
            return here
        call = _parsed(source_segment(calls[n + 1]))
        if not isinstance(call, ast.Call):
            return calls[n + 1]
        taken = _argument(call, name, given)
        if taken is None:
            return calls[n + 1]
    return calls[-1]


def _name(node: ast.expr | None) -> str | None:
    """The variable that an expression is, but for its layout."""
    while isinstance(node, ast.Attribute) and node.attr in ("T", "mT"):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return None


def _operand(text: str, operand: int) -> ast.expr | None:
    """An operand of the expression that makes a step."""
    node = _parsed(text)
    if isinstance(node, ast.BinOp):
        return node.right if operand else node.left
    if isinstance(node, ast.UnaryOp):
        return node.operand
    if isinstance(node, ast.Subscript):
        return node.value
    if isinstance(node, ast.Compare):
        return [node.left, *node.comparators][min(operand, 1)]
    if isinstance(node, ast.Call):
        arguments = list(node.args)
        if isinstance(node.func, ast.Attribute) and not _is_module(node.func.value):
            arguments.insert(0, node.func.value)
        return arguments[operand] if operand < len(arguments) else None
    return None


def _is_module(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("np", "numpy", "math", "scipy")


def _argument(call: ast.Call, name: str, parameters: tuple[str, ...]) -> ast.expr | None:
    """What a call gives for a parameter."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    own = parameters[1:] if parameters[:1] == ("self",) else parameters
    place = own.index(name) if name in own else len(call.args)
    return call.args[place] if place < len(call.args) else None


def _start(position: Position) -> int:
    """The line on which the function around a place starts."""
    starts = [
        start
        for (name, start), _ in _parameters(position.file).items()
        if name == position.function and start <= position.line
    ]
    return max(starts, default=0)


def _used_beside(name: str, here: Position) -> bool:
    """Whether the function around a place takes a variable on other lines as well."""
    around = function_around(here)
    if around is None:
        return False
    sizes = {id(n) for node in ast.walk(around) for n in _only_sizes(node)}
    uses = [n for n in ast.walk(around) if isinstance(n, ast.Name) and n.id == name]
    uses = [n for n in uses if isinstance(n.ctx, ast.Load) and id(n) not in sizes]
    return any(n.lineno != here.line for n in uses)


def _only_sizes(node: ast.AST) -> list[ast.expr]:
    """What an expression takes the size of: x.shape, len(x), np.zeros_like(x)."""
    if isinstance(node, ast.Attribute) and node.attr in ("shape", "size", "ndim"):
        return [node.value]
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func).rpartition(".")[2]
        return node.args if name.endswith("_like") or name in ("len", "shape", "size") else []
    return []


@lru_cache(maxsize=64)
def _parameters(file: str) -> dict[tuple[str, int], tuple[str, ...]]:
    """The parameters of the functions of a file, by name and first line."""
    found = {}
    for node in statements_of(file):
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            name = node.name if isinstance(node, ast.FunctionDef) else "<lambda>"
            given = [
                a.arg for a in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            ]
            found[name, node.lineno] = tuple(given)
    return found
