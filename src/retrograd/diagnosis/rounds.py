"""Loops that do not run over all that they should, and loops that start anew in each round."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from retrograd.diagnosis.at import At
from retrograd.diagnosis.enclosing import line_of, loops_around
from retrograd.diagnosis.tape import Tape
from retrograd.program import Value
from retrograd.report import Position

if TYPE_CHECKING:
    from retrograd.diagnosis.locate import Search

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
    loops = reversed(loops_around(where))
    return next((found for loop in loops if (found := _made_in(loop.body, where))), where)


def _made_in(body: Sequence[ast.stmt], where: Position) -> Position | None:
    """The statement of a loop that makes the buffer to which a line adds."""
    names = {
        text
        for node in body
        for n in ast.walk(node)
        if isinstance(n, ast.AugAssign) and n.lineno == where.line
        for text in (ast.unparse(n.target), _base(n.target))
    }
    for node in body:
        if node.lineno == where.line and isinstance(node, ast.Assign):
            taken = {ast.unparse(n) for n in ast.walk(node.value) if isinstance(n, ast.expr)}
            names |= {ast.unparse(t) for t in _targets(node)} & taken
    for node in body:
        if node.lineno < where.line and names & {ast.unparse(t) for t in _targets(node)}:
            return line_of(node, where)
    return None


def _base(target: ast.expr) -> str:
    """The list that an entry is of: g of g[i][j]."""
    while isinstance(target, ast.Subscript):
        target = target.value
    return ast.unparse(target)


def kept_last(search: Search, left: Sequence[str]) -> Iterator[tuple[str, Position]]:
    """The gradients of which a loop of plain numbers keeps one round, and the line that adds to it.

    The line runs in other rounds as well; what it makes there goes nowhere, and all rounds
    together are the true gradient.
    """
    tape = search.tape
    sites: dict[object, list[Value]] = {}
    for step in tape.steps:
        if step.where is not None and not step.output.shape:
            sites.setdefault((step.where, step.op.name), []).append(step.output)
    of = {v: key for key, values in sites.items() for v in values}
    for name in left:
        final = search.finals[name]
        used = tape.ancestors([final])
        last = [v for v in _numbers(tape, final) if v in of]
        sites_of = {of[v] for v in last}
        size = int(np.prod(final.shape, dtype=int))
        if len(sites_of) != 1 or len(last) != size:
            continue
        where, made = tape.steps[tape.place[last[0]]].where, sites[sites_of.pop()]
        if where is None or len(made) % size or len(made) == size or used & set(made[:size]):
            continue
        rounds = np.array([float(tape.arrays[v]) for v in made]).reshape(-1, size)
        order = [made[-size:].index(v) for v in last if v in made[-size:]]
        total = rounds.sum(axis=0)[order] if len(order) == size else None
        if total is not None and search.right[name].holds(total.reshape(final.shape)):
            yield name, where


def _numbers(tape: Tape, value: Value) -> list[Value]:
    """The numbers that a nested list of them is made of, in order."""
    place = tape.place.get(value)
    step = tape.steps[place] if place is not None else None
    if not value.shape or step is None or step.op.name not in ("stack", "array", "asarray"):
        return [value]
    return [n for v in step.values() for n in _numbers(tape, v)]


def _targets(node: ast.stmt) -> Iterator[ast.expr]:
    for target in node.targets if isinstance(node, ast.Assign) else ():
        yield from target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
