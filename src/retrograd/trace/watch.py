"""Lines of the user's that compute nothing and hand something on: `dz = da`, `return dx`.

A recording has no step for them, and yet they may be where a term was forgotten. They are watched
while the function runs; what they hand on is read from its variables before they run.
"""

from __future__ import annotations

import ast
import sys
from collections import ChainMap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from retrograd.ops import Recorder, Symbol
from retrograd.program import Size
from retrograd.report import Position
from retrograd.trace.frames import LIBRARY, positions
from retrograd.trace.namespace import ShadowGlobals
from retrograd.trace.statements import Line, lines_of, name_of_call

_Names = ChainMap[str, Any]
_ITEMS = 64  # of a container that is handed on


@dataclass(frozen=True)
class Move:
    """One run of a line that hands something on.

    Attributes:
        where: the line.
        after: the number of the value that was made last before it.
        targets: what is assigned, as it is written; empty for a return or a call.
        values: the numbers of the values that are handed on.
        numbers: the plain numbers that are.
        returned: the line to which they are returned; None if they are not.
    """

    where: Position
    after: int
    targets: tuple[str, ...]
    values: tuple[int, ...]
    numbers: tuple[float, ...] = ()
    returned: Position | None = None


@dataclass(frozen=True)
class Store:
    """One run of an assignment.

    Attributes:
        where: the line.
        after: the number of the value that was made last up to then.
        owner: which variable, attribute or item it is; equal for one and the same.
        values: the numbers of the values that it holds now.
    """

    where: Position
    after: int
    owner: tuple[int, object]
    values: tuple[int, ...]


class Watch:
    """Notes the moves of a recording.

    Args:
        recorder: the recording.
    """

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.moves: list[Move] = []
        self.stores: list[Store] = []
        self.kept: dict[int, Any] = {}

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Note what happens inside, unless a debugger watches already."""
        if sys.gettrace() is not None:
            yield
            return
        sys.settrace(self._called)
        try:
            yield
        finally:
            sys.settrace(None)

    def _called(self, frame: FrameType, event: str, arg: Any) -> Any:
        if type(frame.f_globals) is not ShadowGlobals:
            return None
        file = frame.f_code.co_filename
        if file.startswith(LIBRARY) or not lines_of(file):
            return None
        return _Frame(self).line

    def moved(self, frame: FrameType, line: Line, known: _Names) -> None:
        """Note what a line hands on that computes nothing."""
        code = frame.f_code
        found = [_found(source, known) for source in line.sources]
        values = tuple(n for thing in found for n in _values(thing))
        numbers = tuple(float(n) for thing in found for n in _plain(thing))
        here = Position(code.co_filename, code.co_name, frame.f_lineno, line.end, -1, -1)
        callers = positions(frame.f_back, ShadowGlobals) if line.returns and frame.f_back else ()
        to, after = next(iter(callers), None), self.recorder.latest
        self.moves.append(Move(here, after, line.targets, values, numbers, to))

    def stored(self, frame: FrameType, number: int, line: Line, known: _Names) -> None:
        """Note what an assignment has left behind."""
        code = frame.f_code
        here = Position(code.co_filename, code.co_name, number, line.end, -1, -1)
        for target in line.stores:
            owner = _owner(target, known, frame)
            if owner is not None:
                self.kept[id(owner[0])] = owner[0]  # or its number may be that of another one
                values = tuple(_values(_found(target, known)))
                at = (id(owner[0]), owner[1])
                self.stores.append(Store(here, self.recorder.latest, at, values))


class _Frame:
    """One running function of the user's."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.before: tuple[int, Line] | None = None  # the assignment under way

    def line(self, frame: FrameType, event: str, arg: Any) -> Any:
        """What the interpreter calls before a line, and as the function ends."""
        if event not in ("line", "return"):
            return self.line
        line = lines_of(frame.f_code.co_filename).get(frame.f_lineno)
        if self.before is None and (line is None or event == "return"):
            return self.line
        real = frame.f_globals.real  # type: ignore[attr-defined]
        known = ChainMap(frame.f_locals, frame.f_globals, real)
        if self.before is not None:
            self.watch.stored(frame, *self.before, known)
            self.before = None
        if line is not None and event == "line":
            if line.sources or line.returns:
                self.watch.moved(frame, line, known)
            if line.stores:
                self.before = frame.f_lineno, line
        return self.line


def _owner(target: ast.expr, known: _Names, frame: FrameType) -> tuple[Any, object] | None:
    """The thing that an assignment writes into, and the place in it."""
    if isinstance(target, ast.Name):
        return frame, target.id
    if isinstance(target, ast.Attribute):
        owner = _found(target.value, known)
        return (owner, target.attr) if hasattr(owner, "__dict__") else None
    if isinstance(target, ast.Subscript):
        owner, key = _found(target.value, known), _found(target.slice, known)
        if type(owner) in (dict, list) and type(key) in (int, str):
            return owner, len(owner) + key if type(key) is int and key < 0 else key
    return None


def _values(thing: Any) -> Iterator[int]:
    """The values in a thing, also in a container of several."""
    if type(thing) is Symbol:
        yield thing.value.number
    elif isinstance(thing, tuple | list):
        for item in thing[:_ITEMS]:
            yield from _values(item)
    elif isinstance(thing, dict):
        for item in list(thing.values())[:_ITEMS]:
            yield from _values(item)


def _plain(thing: Any) -> Iterator[Any]:
    """The numbers in a thing, sizes among them."""
    if type(thing) in (int, float) or isinstance(thing, Size):
        yield thing
    elif isinstance(thing, tuple | list):
        for item in thing[:_ITEMS]:
            yield from _plain(item)


def _found(source: ast.expr, known: _Names) -> Any:
    """What an expression refers to, found without running anything of the user's."""
    if isinstance(source, ast.Name):
        return known[source.id] if any(source.id in k for k in known.maps) else None
    if isinstance(source, ast.Constant):
        return source.value
    if isinstance(source, ast.Attribute):
        owner = _found(source.value, known)
        if type(owner) is Symbol:
            return owner.shape if source.attr == "shape" else None
        fields = getattr(owner, "__dict__", None)
        return fields.get(source.attr) if isinstance(fields, dict) else None
    if isinstance(source, ast.Subscript):
        owner, key = _found(source.value, known), _found(source.slice, known)
        if isinstance(owner, list | tuple | dict) and type(key) in (int, str):
            try:
                return owner[key]
            except LookupError:
                return None
        return None
    if isinstance(source, ast.UnaryOp) and isinstance(source.operand, ast.Constant):
        number = source.operand.value
        return -number if isinstance(source.op, ast.USub) and type(number) is int else None
    if isinstance(source, ast.BinOp) and isinstance(source.op, ast.Add | ast.Sub):
        left, right = _found(source.left, known), _found(source.right, known)
        if type(left) is type(right) and type(left) in (int, str):
            return left + right if isinstance(source.op, ast.Add) else left - right
        return None
    if isinstance(source, ast.List | ast.Tuple):
        return [_found(item, known) for item in source.elts]
    if isinstance(source, ast.Dict):
        return [_found(item, known) for item in source.values]
    if isinstance(source, ast.Call) and name_of_call(source) == "str" and source.args:
        number = _found(source.args[0], known)
        return str(number) if type(number) is int else None
    if isinstance(source, ast.Call) and name_of_call(source) == "len":
        owner = _found(source.args[0], known)
        return owner.shape[0] if type(owner) is Symbol and owner.ndim else None
    if isinstance(source, ast.Call):
        inner = source.func.value if isinstance(source.func, ast.Attribute) else None
        taken = source.args[0] if source.args else inner
        return None if taken is None else _found(taken, known)
    return None
