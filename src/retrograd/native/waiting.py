"""Threads that share work, part by part, and wait for each other between segments of it.

Each segment of a step has the same number of parts. A thread takes a part that nobody has taken,
its own ones first; when none is left, it waits until all have been done. So a thread that the
system has put aside holds up nobody: the others do its parts, too. Which parts there are does not
depend on who does them, so that the numbers do not, either.

Who waits looks for a moment, then sleeps: one that only looked would keep its core from the one
that it waits for as soon as there are fewer cores than threads, and one that slept at once would
wake up too late for the next few microseconds of work. Sleeping is done with the interpreter's own
locks, on every system. The memory of all this is described in `work`.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.extending import intrinsic

from retrograd.native.functions import kernel
from retrograd.native.linked import define_interpreter
from retrograd.native.work import BLOCK, THREADS

_LINE = 8 * BLOCK  # bytes
_LOOKS = 20_000  # some 20 µs


def _declared(name: str, *kinds: Any) -> Any:
    """A function of the interpreter that needs no global lock, by the name that `linked` gives."""
    return types.ExternalFunction(f"retrograd_{name}", types.int32(*kinds))


define_interpreter()
_acquire = _declared("PyThread_acquire_lock", types.uintp, types.int32)
_release = _declared("PyThread_release_lock", types.uintp)


def _changing(operation: str) -> Any:
    """A function for compiled code that changes a number in one go, and returns the old one."""

    @intrinsic
    def run(typing: Any, address: Any, value: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            place = builder.inttoptr(args[0], ir.PointerType())
            return builder.atomic_rmw(operation, place, args[1], "seq_cst")

        return types.int64(types.uintp, types.int64), generate

    return run


_add: Any = _changing("add")
_exchange: Any = _changing("xchg")


def _reading(typing: Any, address: Any) -> Any:
    """A number as the other threads have left it."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = builder.inttoptr(args[0], ir.PointerType())
        return builder.load_atomic(place, "seq_cst", 8, typ=ir.IntType(64))

    return types.int64(types.uintp), generate


def _stepping(typing: Any, address: Any, old: Any) -> Any:
    """Whether a number was `old`; it is one more now, and no other thread was told the same."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = builder.inttoptr(args[0], ir.PointerType())
        new = builder.add(args[1], ir.IntType(64)(1))
        found = builder.cmpxchg(place, args[1], new, "seq_cst", "seq_cst")
        return builder.extract_value(found, 1)

    return types.boolean(types.uintp, types.int64), generate


_read: Any = intrinsic(_reading)
_advance: Any = intrinsic(_stepping)


@kernel
def _wake(sync: Any, threads: Any) -> None:
    """All who sleep look again."""
    start = sync.ctypes.data
    for k in range(THREADS, THREADS + threads):
        if _exchange(start + _LINE * k, 0) == 1:
            _release(sync[BLOCK * k + 1])


@kernel
def take(sync: Any, segment: Any, thread: Any, parts: Any) -> Any:
    """A part of a segment that nobody has taken yet; -1 if there is none.

    Args:
        sync: the memory of the work.
        segment: its number, from 1.
        thread: who asks; its own parts come first.
        parts: how many parts a segment has.
    """
    start, threads = sync.ctypes.data, sync[2 * BLOCK]
    if _read(start + _LINE) == 0:
        own = thread * parts // threads
        for k in range(parts):
            part = (own + k) % parts
            place = start + _LINE * (THREADS + threads + part)
            if _read(place) == segment - 1 and _advance(place, segment - 1):
                return part
    return -1


@kernel
def done(sync: Any, segment: Any, parts: Any) -> None:
    """A part of a segment has been done."""
    if _add(sync.ctypes.data, 1) + 1 == segment * parts:
        _wake(sync, sync[2 * BLOCK])


@kernel
def wait(sync: Any, segment: Any, thread: Any, parts: Any) -> None:
    """Go on when all parts of a segment have been done.

    Raises:
        RuntimeError: another thread has failed.
    """
    start, looks = sync.ctypes.data, 0
    sleeps = start + _LINE * (THREADS + thread)
    while _read(start) < segment * parts and _read(start + _LINE) == 0:
        looks += 1
        if looks > _LOOKS:
            _exchange(sleeps, 1)
            late = _read(start) >= segment * parts or _read(start + _LINE) != 0
            if not late or _exchange(sleeps, 0) == 0:
                _acquire(sync[BLOCK * (THREADS + thread) + 1], 1)
            looks = 0
    if _read(start + _LINE) != 0:
        raise RuntimeError("another thread has failed")


@kernel
def fail(sync: Any) -> None:
    """Let all others stop where they wait."""
    _exchange(sync.ctypes.data + _LINE, 1)
    _wake(sync, sync[2 * BLOCK])
