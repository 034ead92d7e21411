"""The small numbers that stand in a function's code, its defaults, or globals that it reads."""

from __future__ import annotations

import dis
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeGuard

from retrograd.report import Position


@dataclass(frozen=True)
class Constant:
    """A small number in the user's code.

    Attributes:
        value: the number.
        where: where it stands; the function that reads it, if that is not known.
    """

    value: float
    where: Position | None


def constants(check: Any) -> Iterator[Constant]:
    """The numbers between 0 and 1 in the code of a function and of those that it calls."""
    found: dict[float, Constant] = {}
    for function in _functions(check):
        here = defined(function)
        for code in _codes(function.__code__):
            for instruction in dis.get_instructions(code):
                value = instruction.argval
                if _is_small(value) and value not in found:
                    found[value] = Constant(value, _position(code, instruction.positions))
            for name in code.co_names:
                value = function.__globals__.get(name)
                if _is_small(value):
                    found.setdefault(value, Constant(value, here))
        defaults = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
        for value in filter(_is_small, defaults):
            found.setdefault(value, Constant(value, here))
    yield from found.values()


def _is_small(value: Any) -> TypeGuard[float]:
    return type(value) is float and 0 < value < 1


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """A function's code, and that of those defined in it."""
    yield code
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from _codes(inner)


def _functions(check: Any) -> list[types.FunctionType]:
    """The Python functions that a function may call, and itself, each once."""
    found: list[types.FunctionType] = []
    waiting = [check]
    while waiting and len(found) < 50:
        one = waiting.pop()
        one = getattr(one, "__func__", one)
        if not isinstance(one, types.FunctionType) or one in found:
            continue
        if (one.__module__ or "").partition(".")[0] in ("numpy", "scipy", "retrograd"):
            continue
        found.append(one)
        names = {n for code in _codes(one.__code__) for n in code.co_names}
        named = [one.__globals__.get(n) for n in sorted(names)]
        cells = [c.cell_contents for c in one.__closure__ or () if _is_filled(c)]
        waiting += [t for t in named + cells if callable(t)]
    return found


def _is_filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


def _position(code: types.CodeType, span: Any) -> Position:
    if span is None or span.lineno is None:
        return Position(
            code.co_filename, code.co_name, code.co_firstlineno, code.co_firstlineno, -1, -1
        )
    return Position(
        code.co_filename,
        code.co_name,
        span.lineno,
        span.end_lineno or span.lineno,
        -1 if span.col_offset is None else span.col_offset,
        -1 if span.end_col_offset is None else span.end_col_offset,
    )


def defined(check: Any) -> Position | None:
    """Where a function is defined; None for what has no code."""
    code = getattr(getattr(check, "__func__", check), "__code__", None)
    if code is None:
        return None
    return Position(
        code.co_filename, code.co_name, code.co_firstlineno, code.co_firstlineno, -1, -1
    )
