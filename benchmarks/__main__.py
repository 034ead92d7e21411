"""The command: `python -m benchmarks --help`."""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from pathlib import Path

from benchmarks import table
from benchmarks.contenders import NAMES
from benchmarks.measure import Worker, measured
from benchmarks.workloads import WORKLOADS

_NEEDS = {"jax": "jax", "torch": "torch", "torch_compile": "torch", "sklearn": "sklearn"}


def main() -> int:
    """Time everything that is installed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--cores", type=int, default=1, help="how many cores to use (1)")
    parser.add_argument("--rounds", type=int, default=15, help="turns of each contender (15)")
    parser.add_argument("--only", default="", help="workloads whose name contains this")
    parser.add_argument("--contenders", default=",".join(NAMES), help="which, with commas between")
    parser.add_argument("--markdown", type=Path, help="write the tables to this file, too")
    options = parser.parse_args()
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        os.environ.pop(name, None)
    available = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0, 1]
    cores = tuple(available[: options.cores])
    names = [n for n in options.contenders.split(",") if _is_installed(n)]
    workers = [Worker(name, cores) for name in names]
    machine = table.machine(len(cores))
    print(machine)
    page = [machine + ".", ""]
    for number, workload in enumerate(WORKLOADS):
        if options.only not in workload.name:
            continue
        found, said = measured(workers, number, workload, options.rounds)
        print(f"\n{workload.name}", table.text(found), *said, sep="\n", flush=True)
        page += [f"### {workload.name}", "", table.markdown(found), "", *said]
    for worker in workers:
        worker.close()
    if options.markdown is not None:
        options.markdown.write_text("\n".join(page), encoding="utf-8")
    return 0


def _is_installed(name: str) -> bool:
    needed = _NEEDS.get(name)
    return needed is None or importlib.util.find_spec(needed) is not None


if __name__ == "__main__":
    sys.exit(main())
