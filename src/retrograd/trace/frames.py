"""Where the user's code stands: file, line, columns, and the name that a result is about to get.

Both are read from the running frame's bytecode, so they are there without source, too: in a
notebook, at the prompt, under `exec`.
"""

from __future__ import annotations

import dis
import sys
from bisect import bisect_right
from functools import lru_cache
from pathlib import Path
from types import CodeType, FrameType

from retrograd.ops import Place
from retrograd.report import Position

_STORES = frozenset(
    {"STORE_FAST", "STORE_NAME", "STORE_GLOBAL", "STORE_DEREF", "STORE_ATTR"}
    | {"STORE_FAST_STORE_FAST", "STORE_FAST_LOAD_FAST", "STORE_FAST_MAYBE_NULL"}
)
_RETURNS = frozenset({"RETURN_VALUE"})
LIBRARY = str(Path(__file__).parents[1])
_TRANSPARENT = frozenset({"CACHE", "NOP", "COPY", "EXTENDED_ARG", "RESUME", "PRECALL"})


@lru_cache(maxsize=4096)
def _instructions(code: CodeType) -> tuple[list[int], list[dis.Instruction]]:
    found = [i for i in dis.get_instructions(code) if i.opname != "CACHE"]
    return [i.offset for i in found], found


@lru_cache(maxsize=65536)
def target(code: CodeType, last: int) -> str | None:
    """What happens to the value of the instruction under way.

    Returns:
        The name it is stored under; "return" in angle brackets if it is returned; None otherwise.
    """
    offsets, instructions = _instructions(code)
    position = bisect_right(offsets, last)  # the instruction after the one at or before `last`
    while position < len(instructions) and instructions[position].opname in _TRANSPARENT:
        position += 1
    if position >= len(instructions):
        return None
    following = instructions[position]
    if following.opname in _STORES:
        name = following.argval
        return name[0] if isinstance(name, tuple) else str(name)
    return "<return>" if following.opname in _RETURNS else None


@lru_cache(maxsize=65536)
def formats(code: CodeType, last: int) -> bool:
    """Whether the instruction under way is `%`, which asks for a number to format a string."""
    offsets, instructions = _instructions(code)
    under_way = instructions[bisect_right(offsets, last) - 1]
    return under_way.opname == "BINARY_OP" and under_way.argrepr in ("%", "%=")


def _raises_assertion(instruction: dis.Instruction) -> bool:
    if instruction.opname == "LOAD_ASSERTION_ERROR":
        return True
    return instruction.opname == "LOAD_COMMON_CONSTANT" and "Assertion" in instruction.argrepr


@lru_cache(maxsize=65536)
def asserts(code: CodeType, last: int) -> bool:
    """Whether the truth that is asked for decides about an AssertionError alone."""
    offsets, instructions = _instructions(code)
    place = bisect_right(offsets, last) - 1
    for following in instructions[place : place + 8]:
        if following.opname.startswith("POP_JUMP"):
            after = instructions[instructions.index(following) + 1 :]
            rest = [i for i in after[:3] if i.opname not in ("CACHE", "NOP", "NOT_TAKEN")]
            return bool(rest) and _raises_assertion(rest[0])
        if following.opname not in ("UNARY_NOT", "TO_BOOL", "COPY", "CALL", "COMPARE_OP"):
            return False
    return False


def position(code: CodeType, last: int) -> Position:
    """The exact place of the instruction under way."""
    return _position(code, last, code.co_filename)


@lru_cache(maxsize=65536)
def _position(code: CodeType, last: int, file: str) -> Position:
    """The place; code objects of two files are equal where their text and lines are."""
    found = (None, None, None, None)
    for index, span in enumerate(code.co_positions()):
        if index == last // 2:
            found = span  # type: ignore[assignment]
            break
    line, end_line, column, end_column = found
    first = line or code.co_firstlineno
    return Position(
        file,
        code.co_name,
        first,
        end_line or first,
        -1 if column is None else column,
        -1 if end_column is None else end_column,
    )


def user_frame(globals_type: type, depth: int = 2) -> FrameType | None:
    """The innermost frame that runs in a shadow, which is the user's code."""
    frame: FrameType | None = sys._getframe(depth)
    while frame is not None and type(frame.f_globals) is not globals_type:
        frame = frame.f_back
    return frame


def users_own(frame: FrameType, globals_type: type) -> FrameType:
    """The innermost frame of the user's own code: the one that calls our layers and losses."""
    own: FrameType | None = frame
    while own is not None:
        if type(own.f_globals) is globals_type and not own.f_code.co_filename.startswith(LIBRARY):
            return own
        own = own.f_back
    return frame


def positions(frame: FrameType, globals_type: type) -> tuple[Position, ...]:
    """The places under way in the user's own code, the innermost first."""
    found: list[Position] = []
    under_way: FrameType | None = frame
    while under_way is not None:
        code = under_way.f_code
        own = not code.co_filename.startswith(LIBRARY)
        if type(under_way.f_globals) is globals_type and own:
            found.append(position(code, under_way.f_lasti))
        under_way = under_way.f_back
    return tuple(found)


def raised_at(error: BaseException, globals_type: type) -> Position | None:
    """The innermost place in the user's own code that an exception passed through."""
    found, traceback = None, error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        shadow = type(traceback.tb_frame.f_globals) is globals_type
        if shadow and not code.co_filename.startswith(LIBRARY):
            found = position(code, traceback.tb_lasti)
        traceback = traceback.tb_next
    return found


def place_of(frame: FrameType, globals_type: type) -> Place:
    """Where the user's code stands, and the name that a frame's value is about to get."""
    own = users_own(frame, globals_type)
    where = position(own.f_code, own.f_lasti)
    name = target(frame.f_code, frame.f_lasti)
    owner: FrameType | None = frame
    while name == "<return>" and owner is not None:
        name = None
        owner = owner.f_back
        while owner is not None and type(owner.f_globals) is not globals_type:
            owner = owner.f_back
        if owner is not None:
            frame = owner
            name = target(owner.f_code, owner.f_lasti)
    if name is None or not name.isidentifier():
        return Place(where)
    return Place(where, numbered(name, frame))


def numbered(name: str, frame: FrameType) -> str:
    """The name with the number of the object whose method binds it, if it says one.

    A layer's `number` makes its `z` and `a` into `z1` and `a1`, as people number them by hand.
    """
    code = frame.f_code
    if code.co_argcount == 0 or code.co_varnames[0] != "self":
        return name
    number = getattr(frame.f_locals.get("self"), "number", None)
    return f"{name}{number}" if type(number) is int else name
