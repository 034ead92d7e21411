"""One contender in a process of its own: it reads a line, does what it says, writes a line.

["prepare", workload]  → the names of its ways of training
["losses", way]        → the mean losses of the first two passes
["time", way, passes]  → seconds
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from typing import Any

from benchmarks.workloads import WORKLOADS


def main(name: str, threads: int) -> None:
    """Answer until the input ends."""
    out, sys.stdout = sys.stdout, sys.stderr
    module = importlib.import_module(f"benchmarks.contenders.{name}")
    ways: dict[str, Any] = {}
    for line in sys.stdin:
        task, *rest = json.loads(line)
        answer: Any
        try:
            if task == "prepare":
                ways = dict(module.prepare(WORKLOADS[rest[0]], threads))
                answer = list(ways)
            elif task == "losses":
                answer = [ways[rest[0]](), ways[rest[0]]()]
            else:
                way, passes = ways[rest[0]], rest[1]
                start = time.perf_counter()
                for _ in range(passes):
                    way()
                answer = time.perf_counter() - start
        except Exception as error:  # said in the table; the others go on
            answer = {"failed": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=out, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
