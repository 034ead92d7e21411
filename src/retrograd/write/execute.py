"""Run written text. The only place that does: tracebacks and debuggers show its lines."""

from __future__ import annotations

import ast
import linecache
import weakref
from collections.abc import Callable
from itertools import count
from typing import Any

from retrograd.write.writer import Written

_numbers = count(1)
_UNUSED: list[str] = []  # texts whose functions are gone


def load(written: Written, clock: Callable[[int], None] | None = None) -> Callable[..., Any]:
    """The function that the text defines.

    Args:
        written: the text.
        clock: called after each line, with its number in the source; None: nothing is.
    """
    name = f"<retrograd {written.function} {next(_numbers)}>"
    while _UNUSED:  # not as they are collected: that can be while somebody walks through the cache
        linecache.cache.pop(_UNUSED.pop(), None)
    linecache.cache[name] = (
        len(written.source),
        None,
        written.source.splitlines(keepends=True),
        name,
    )
    namespace: dict[str, Any] = {"__name__": name, "_clock": clock}
    tree = ast.parse(written.source)
    exec(compile(tree if clock is None else _clocked(tree), name, "exec"), namespace)
    function: Callable[..., Any] = namespace[written.function]
    weakref.finalize(function, _UNUSED.append, name)
    return function


def _clocked(tree: ast.Module) -> ast.Module:
    """The text with a call of the clock after each line of its last function."""
    function = tree.body[-1]
    assert isinstance(function, ast.FunctionDef)
    body: list[ast.stmt] = []
    for line in function.body:
        call = ast.parse(f"_clock({line.lineno})").body[0]
        body += [line, ast.copy_location(call, line)]
    function.body = body
    return ast.fix_missing_locations(tree)
