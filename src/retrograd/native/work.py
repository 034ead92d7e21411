"""The memory of work that threads share: an array of whole numbers, in blocks.

Each block has a cache line of its own: how many parts have been done; whether a thread has failed;
how many threads there are; then for each thread whether it sleeps and the address of its lock; then
for each part the last segment for which it was taken. Segments are counted from 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

BLOCK = 16  # whole numbers of 8 bytes
THREADS = 3  # the block of the first thread

Array = np.ndarray[Any, Any]


def shared_work(parts: int, locks: Sequence[int]) -> Array:
    """The memory of work that nobody has begun.

    Args:
        parts: how many each segment has.
        locks: the address of each thread's lock.
    """
    return begun_anew(np.zeros(BLOCK * (THREADS + len(locks) + parts), np.int64), locks)


def begun_anew(work: Array, locks: Sequence[int]) -> Array:
    """The same memory for other work."""
    threads = len(locks)
    work[:] = 0
    work[2 * BLOCK] = threads
    work[THREADS * BLOCK + 1 : (THREADS + threads) * BLOCK : BLOCK] = locks
    return work
