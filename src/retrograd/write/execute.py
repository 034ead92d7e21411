"""Run written text. The only place that does; tracebacks and debuggers show its lines."""

from __future__ import annotations

import linecache
import weakref
from collections.abc import Callable
from itertools import count
from typing import Any

from retrograd.write.writer import Written

_numbers = count(1)
_UNUSED: list[str] = []  # texts whose functions are gone


def load(written: Written) -> Callable[..., Any]:
    """The function that the text defines."""
    name = f"<retrograd {written.function} {next(_numbers)}>"
    while _UNUSED:  # not as they are collected: that can be while somebody walks through the cache
        linecache.cache.pop(_UNUSED.pop(), None)
    linecache.cache[name] = (
        len(written.source),
        None,
        written.source.splitlines(keepends=True),
        name,
    )
    namespace: dict[str, Any] = {"__name__": name}
    exec(compile(written.source, name, "exec"), namespace)
    function: Callable[..., Any] = namespace[written.function]
    weakref.finalize(function, _UNUSED.append, name)
    return function
