"""What the tracer asks of a function and its arguments before it runs them."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from retrograd.errors import DifferentiationError
from retrograd.ops import Symbol
from retrograd.program import Position


def know_scipy() -> None:
    """SciPy's functions are operations once its modules are imported."""
    if "scipy.special" in sys.modules:
        import retrograd.ops.special
    if "scipy.signal" in sys.modules:
        import retrograd.ops.signal  # noqa: F401


def refuse_unusual(function: Callable[..., Any]) -> None:
    """RG404 for generators and the like."""
    kinds = {
        "a generator": inspect.isgeneratorfunction,
        "async": inspect.iscoroutinefunction,
        "an async generator": inspect.isasyncgenfunction,
    }
    for kind, test in kinds.items():
        if test(function):
            raise DifferentiationError(
                "RG404",
                f"{name_of(function)} is {kind} function, which cannot be recorded",
                where=defined_at(function),
                help="differentiate a plain function that returns the number",
            )


def defined_at(function: Callable[..., Any]) -> Position | None:
    """The line on which a function is defined, if it is Python."""
    code = getattr(function, "__code__", None)
    if code is None:
        return None
    return Position(
        code.co_filename, code.co_name, code.co_firstlineno, code.co_firstlineno, -1, -1
    )


def array_of(thing: Any) -> Any:
    """The array or float behind an argument."""
    if type(thing) is Symbol:
        return thing.recorder.data[thing.value]
    return thing if type(thing) is float or isinstance(thing, np.ndarray) else np.asarray(thing)[()]


def name_of(function: Callable[..., Any]) -> str:
    """A function's name, or "f"."""
    name = getattr(function, "__name__", None) or type(function).__name__
    return str(name) if str(name).isidentifier() else "f"


def default_text(default: Any) -> str | None:
    """The text of a default that is a plain number, string or None."""
    return repr(default) if type(default) in (int, float, bool, str, type(None)) else None
