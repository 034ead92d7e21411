"""Times contenders in turn, a short block each, round after round, after their losses agree."""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from benchmarks.workloads import Workload

BLOCK = 0.03  # seconds that a contender runs before it is the next one's turn
PAUSE = 0.2  # seconds after which threads that still look for work have gone to sleep
WARM = 0.15  # seconds after which a machine has its threads on cores of their own again
_OLD_KERNELS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")  # settings that slow a BLAS down


@dataclass
class Times:
    """Of one way of training: seconds a step, one number a round."""

    way: str
    worker: Worker
    seconds: list[float] = field(default_factory=list)
    passes: int = 1

    @property
    def median(self) -> float:
        """Seconds a step."""
        return statistics.median(self.seconds)


class Worker:
    """A contender's process.

    Args:
        name: of the file in `contenders`.
        cores: the numbers of the cores on which it may run.
    """

    def __init__(self, name: str, cores: tuple[int, ...]) -> None:
        self.name, self.cores = name, len(cores)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", name, str(len(cores))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(len(cores)),
            text=True,
            preexec_fn=lambda: pin(cores),
        )

    def ask(self, *task: Any) -> Any:
        """The answer to a task."""
        assert self.process.stdin is not None and self.process.stdout is not None
        print(json.dumps(task), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"failed": "its process ended"}

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def environment(threads: int) -> dict[str, str]:
    """The variables of a contender's process."""
    own = {k: v for k, v in os.environ.items() if k not in _OLD_KERNELS}
    return own | {"OPENBLAS_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}


def pin(cores: Iterable[int]) -> None:
    """Run this process on some cores only, where the system can do that."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, cores)


def measured(
    workers: Iterable[Worker], number: int, workload: Workload, rounds: int
) -> tuple[list[Times], list[str]]:
    """Times of all ways to train a workload, and what to say about those that have none.

    Args:
        workers: the contenders.
        number: of the workload.
        workload: the same.
        rounds: how often each has its turn.
    """
    found: list[Times] = []
    said: list[str] = []
    losses: dict[str, list[float]] = {}
    for worker in workers:
        ways = worker.ask("prepare", number)
        if isinstance(ways, dict):
            said.append(f"{worker.name}: {ways['failed']}")
            continue
        for way in ways:
            losses[way] = worker.ask("losses", way)
            if isinstance(losses[way], dict):
                said.append(f"{way}: {losses[way]['failed']}")
            else:
                found.append(Times(way, worker))
    expected = losses.get("NumPy text")
    for times in list(found):
        own = losses[times.way]
        if expected is None or math.isnan(own[0]) or same(own, expected):
            continue
        said.append(f"{times.way}: its losses are {own}, and not {expected}")
        found.remove(times)
    for times in found:
        seconds = times.worker.ask("time", times.way, 1)
        times.passes = max(1, round(BLOCK / seconds))
    for _ in range(rounds):
        for times in found:
            if times.worker.cores > 1:
                time.sleep(PAUSE)
                times.worker.ask("time", times.way, times.passes * round(WARM / BLOCK))
            seconds = times.worker.ask("time", times.way, times.passes)
            times.seconds.append(seconds / times.passes / workload.steps)
    return found, said


def same(own: list[float], expected: list[float]) -> bool:
    """Whether losses agree, up to what float32 rounds off in two passes."""
    return all(abs(a - b) <= 2e-3 * abs(b) for a, b in zip(own, expected, strict=True))
