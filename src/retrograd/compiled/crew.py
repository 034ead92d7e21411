"""Threads that run a compiled function together."""

from __future__ import annotations

import ctypes
import os
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from retrograd.compile import Gemm, Plan, multiplications

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

    def _work(self) -> Any:
        """The memory of work that nobody has begun."""
        from retrograd.compile.waiting import BLOCK, THREADS

        sync = np.zeros(BLOCK * (THREADS + self.threads + self.parts), np.int64)
        sync[2 * BLOCK] = self.threads
        sync[THREADS * BLOCK + 1 : (THREADS + self.threads) * BLOCK : BLOCK] = self.locks
        return sync

    def __call__(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """What the function returns in this thread, when all have ended.

        Raises:
            Exception: what it raised first, in whichever thread.
        """
        given = self._work(), *arguments
        others = [self.pool.submit(self._run, function, k, given) for k in range(1, self.threads)]
        failed: list[BaseException] = []
        try:
            result = self._run(function, 0, given)
        except BaseException as error:
            failed.append(error)
        failed += [found for other in others if (found := other.exception()) is not None]
        if failed:
            raise next((e for e in failed if not isinstance(e, RuntimeError)), failed[0])
        return result

    def _run(self, function: Callable[..., Any], thread: int, given: tuple[Any, ...]) -> Any:
        try:
            return function(thread, *given)
        except BaseException:
            from retrograd.compile.waiting import fail

            fail(given[0])
            raise


def _free(locks: list[int]) -> None:
    for lock in locks:
        ctypes.pythonapi.PyThread_release_lock(ctypes.c_void_p(lock))
        ctypes.pythonapi.PyThread_free_lock(ctypes.c_void_p(lock))
