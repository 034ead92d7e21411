"""Threads that run a compiled function together."""

from __future__ import annotations

import ctypes
import os
import weakref
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from retrograd.compile import Gemm, Plan, multiplications
from retrograd.native.call import Call
from retrograd.native.kept import Native
from retrograd.native.work import begun_anew, shared_work

_WORTH = 1_000_000  # products a thread


def cores() -> int:
    """How many processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def useful_threads(plan: Plan) -> int:
    """How many threads make a step faster: one for each million products, up to the cores.

    Threads wait for each other twice in a step, which takes some microseconds.
    """
    products = sum(multiplications(g.step) for g in plan.items if isinstance(g, Gemm))
    return max(1, min(cores(), products // _WORTH))


class Crew:
    """Some threads, and what they need to share work.

    Args:
        threads: how many, this one included; 2 or more.
    """

    def __init__(self, threads: int) -> None:
        self.threads = self.parts = threads  # of each segment of the work, a part for each
        self.pool = ThreadPoolExecutor(threads - 1, thread_name_prefix="retrograd")
        own = ctypes.pythonapi
        own.PyThread_allocate_lock.restype = ctypes.c_void_p
        self.locks = [own.PyThread_allocate_lock() for _ in range(threads)]
        for lock in self.locks:
            own.PyThread_acquire_lock(ctypes.c_void_p(lock), 1)  # who sleeps waits for its release
        weakref.finalize(self, _free, self.locks)

    def calls(self, native: Native, function: str, *arguments: Any) -> list[Call]:
        """A function for each thread: its number, the memory of the work, the number of parts."""
        work = shared_work(self.parts, self.locks)
        given = work, self.parts, *arguments
        return [native.call(function, k, *given) for k in range(self.threads)]

    def __call__(self, calls: Sequence[Call]) -> None:
        """Run them all, and wait until they have ended.

        Raises:
            Exception: what was raised first, in whichever thread.
        """
        begun_anew(calls[0].arguments[1], self.locks)
        others = [self.pool.submit(call) for call in calls[1:]]
        failed: list[BaseException] = []
        try:
            calls[0]()
        except BaseException as error:
            failed.append(error)
        failed += [found for other in others if (found := other.exception()) is not None]
        if failed:  # those that were only stopped say RuntimeError
            raise next((e for e in failed if not isinstance(e, RuntimeError)), failed[0])


def _free(locks: list[int]) -> None:
    for lock in locks:
        ctypes.pythonapi.PyThread_release_lock(ctypes.c_void_p(lock))
        ctypes.pythonapi.PyThread_free_lock(ctypes.c_void_p(lock))
