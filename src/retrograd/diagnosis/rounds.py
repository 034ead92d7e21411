"""Loops that do not run over all that they should, and loops that start anew in each round."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import numpy as np

from retrograd.diagnosis.at import At
from retrograd.diagnosis.enclosing import line_of, loops_around
from retrograd.report import Position

_CLOSE = 1e-8  # relative


def left_out(at: At, where: Position | None) -> tuple[Position, str] | None:
    """The loop that leaves out rounds, where a parameter's gradient is what the others add up to.

    Args:
        at: the place.
        where: the line that adds up the gradient.

    Returns:
        The loop, or a return in it that ends it too early; and what is said of it.
    """
    if where is None:
        return None
    loops = loops_around(where)
    ends = [s for loop in loops for s in loop.body if isinstance(s, ast.Return)]
    if ends or not loops:
        said = "this return ends the loop in its first round"
        return (line_of(ends[0], where), said) if ends else None
    known = at.user is not None and at.is_parameter
    if known and any(_some_are(parts, at.user) for parts in _rounds(at)):
        return line_of(loops[-1], where), "this loop leaves out rounds"
    return None


def _rounds(at: At) -> Iterator[Any]:
    """What the rounds of a loop of the forward pass, or the examples, add to a gradient."""
    name = at.node.name
    for node in at.forward.nodes:
        if len(node.values) > 1 and node.place == -1 and node.name == name and node.step is None:
            parts = at.gradient(node)
            if parts is not None and parts.shape[1:] == at.needed.shape:
                yield parts
    yield from at.examples()


def _some_are(parts: Any, user: Any) -> bool:
    """Whether the first, the last, or all but one of some arrays add up to another one."""
    total = np.cumsum(parts, axis=0)
    scale = np.max(np.abs(user), initial=0)

    def near(array: Any) -> bool:
        return bool(np.max(np.abs(array - user), initial=0) <= _CLOSE * scale)

    return any(near(t) or near(total[-1] - t) for t in total[:-1]) or any(
        near(total[-1] - p) for p in parts[:-1] if np.any(p)
    )


def started_anew(where: Position) -> Position:
    """Where a buffer is made in each round to which `+=` on a line adds; else the line itself."""
    body = [node for loop in loops_around(where)[-1:] for node in loop.body]
    names = {
        ast.unparse(n.target)
        for node in body
        for n in ast.walk(node)
        if isinstance(n, ast.AugAssign) and n.lineno == where.line
    }
    for node in body:
        if node.lineno == where.line and isinstance(node, ast.Assign):
            taken = {ast.unparse(n) for n in ast.walk(node.value) if isinstance(n, ast.expr)}
            names |= {ast.unparse(t) for t in _targets(node)} & taken
    for node in body:
        if node.lineno < where.line and names & {ast.unparse(t) for t in _targets(node)}:
            return line_of(node, where)
    return where


def _targets(node: ast.stmt) -> Iterator[ast.expr]:
    for target in node.targets if isinstance(node, ast.Assign) else ():
        yield from target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
