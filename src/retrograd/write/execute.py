"""Run written text. The only place that does; tracebacks and debuggers show its lines."""

from __future__ import annotations

import linecache
import weakref
from collections.abc import Callable
from itertools import count
from typing import Any

from retrograd.write.writer import Written

_numbers = count(1)


def load(written: Written) -> Callable[..., Any]:
    """The function that the text defines."""
    name = f"<retrograd {written.function} {next(_numbers)}>"
    linecache.cache[name] = (
        len(written.source),
        None,
        written.source.splitlines(keepends=True),
        name,
    )
    namespace: dict[str, Any] = {"__name__": name}
    exec(compile(written.source, name, "exec"), namespace)
    function: Callable[..., Any] = namespace[written.function]
    weakref.finalize(function, linecache.cache.pop, name, None)
    return function
