"""Python's own functions in the shadow: those that would need a plain number of a symbol.

`float(loss)`, `sum(terms)`, `max(0, z)`, `math.exp(s)` and `type(x)` record, or answer as they
would for an array.
"""

from __future__ import annotations

import builtins
import contextlib
import functools
import math
import sys
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from retrograd.ops import Symbol
from retrograd.ops.error_function import erf, erfc
from retrograd.ops.shape import as_float
from retrograd.ops.symbol import as_number
from retrograd.program import Size, is_size


class _Float(type):
    """`float` while recording; isinstance and issubclass mean Python's float."""

    def __call__(cls, *args: Any) -> Any:
        if len(args) == 1 and type(args[0]) is Symbol:
            return as_number(args[0])
        if len(args) == 1 and type(args[0]) is Size:
            return Size(float(args[0].value), args[0].expression)
        return builtins.float(*args)

    def __instancecheck__(cls, thing: Any) -> bool:
        return isinstance(thing, float)

    def __subclasscheck__(cls, kind: type) -> bool:
        return issubclass(kind, float)

    def __eq__(cls, other: object) -> bool:
        return other is cls or other is float

    def __hash__(cls) -> int:
        return hash(float)


class ShadowFloat(float, metaclass=_Float):
    """What the name `float` means to the recorded code."""


class _Type(type):
    """`type` while recording."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if len(args) != 1:
            return builtins.type(*args, **kwargs)
        kind = args[0].__class__ if type(args[0]) in (Symbol, Size) else builtins.type(args[0])
        return ShadowFloat if kind is float else kind

    def __instancecheck__(cls, thing: Any) -> bool:
        return isinstance(thing, type)


class ShadowType(type, metaclass=_Type):
    """What the name `type` means to the recorded code."""


def without_shadows(thing: Any) -> Any:
    """Python's float for the shadow of it: what `dtype=float` means."""
    return float if thing is ShadowFloat else thing


def shadow_len(thing: Any) -> Any:
    """`len`, which keeps the size of a symbol."""
    return thing.shape[0] if type(thing) is Symbol and thing.ndim else builtins.len(thing)


def shadow_sum(items: Iterable[Any], /, start: Any = 0) -> Any:
    """`sum`: of an array over its first axis, and without the 0 that Python starts from."""
    if type(items) is Symbol and type(start) is int and start == 0 and items.ndim:
        return np.sum(items, axis=0)
    found = list(items)
    if type(start) is int and start == 0 and found and type(found[0]) is Symbol:
        start = found.pop(0).copy()
    return builtins.sum(found, start)


def _extreme(original: Any, of_two: Any, of_all: Any) -> Callable[..., Any]:
    @functools.wraps(original)
    def choose(*args: Any, **kwargs: Any) -> Any:
        items = list(args)
        if len(args) == 1:
            if type(args[0]) is Symbol and args[0].ndim == 1 and not kwargs:
                return of_all(args[0])
            items = list(args[0])
            args = (items,)
        numbers = not kwargs and all(np.ndim(item) == 0 for item in items)
        if not numbers or not any(type(item) is Symbol for item in items):
            return original(*args, **kwargs)
        return functools.reduce(of_two, items)

    return choose


def shadow_eval(world: dict[str, Any]) -> Callable[..., Any]:
    """`eval`, whose names are those of the shadow.

    Args:
        world: the builtins of the recorded code.
    """

    def evaluate(source: Any, *spaces: Any) -> Any:
        if spaces:
            return builtins.eval(source, *spaces)
        frame = sys._getframe(1)
        code = builtins.compile(source, "<eval>", "eval") if isinstance(source, str) else source
        names: dict[str, Any] = {"__builtins__": world}
        for name in code.co_names:
            with contextlib.suppress(KeyError):
                names[name] = frame.f_globals[name]
        return builtins.eval(code, names, frame.f_locals)

    return evaluate


_RENAMED = {
    "pow": np.power, "fabs": np.abs, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan,
    "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh, "atan2": np.arctan2,
}  # fmt: skip
_ALIKE = (
    "exp", "exp2", "expm1", "log1p", "log2", "log10", "sqrt", "cbrt", "sin", "cos", "tan",
    "sinh", "cosh", "tanh", "floor", "ceil", "trunc", "hypot", "copysign", "isnan", "isinf",
    "isfinite", "degrees", "radians",
)  # fmt: skip


def _of_numbers(original: Any, recorded: Any) -> Callable[..., Any]:
    """A function of Python's math module that records where it is given a symbol."""

    @functools.wraps(original)
    def call(*args: Any) -> Any:
        if not any(type(a) is Symbol or is_size(a) for a in args):
            return original(*args)
        result = recorded(*(_number(a) for a in args))
        return as_float(result) if result.dtype.kind == "f" else result

    call.of_arrays = recorded  # type: ignore[attr-defined]
    return call


def _number(thing: Any) -> Any:
    if type(thing) is not Symbol or not thing.ndim:
        return thing
    made = as_number(thing)
    made.number = False
    return made


def _log(x: Any, base: Any = None) -> Any:
    return np.log(x) if base is None else np.log(x) / np.log(base)


def _fsum(items: Iterable[Any]) -> Any:
    found = list(items)
    return shadow_sum(found) if any(type(i) is Symbol for i in found) else math.fsum(found)


OF_MATH: dict[Any, Callable[..., Any]] = {
    **{getattr(math, n): _of_numbers(getattr(math, n), getattr(np, n)) for n in _ALIKE},
    **{getattr(math, n): _of_numbers(getattr(math, n), f) for n, f in _RENAMED.items()},
    math.log: _of_numbers(math.log, _log),
    math.erf: _of_numbers(math.erf, erf),
    math.erfc: _of_numbers(math.erfc, erfc),
    math.fsum: _fsum,
}

BUILTINS: dict[str, Any] = {
    "len": shadow_len,
    "float": ShadowFloat,
    "type": ShadowType,
    "sum": shadow_sum,
    "max": _extreme(builtins.max, np.maximum, np.max),
    "min": _extreme(builtins.min, np.minimum, np.min),
}
