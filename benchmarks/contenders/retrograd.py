"""This library: a compiled step called for each batch, and an epoch of them."""

from __future__ import annotations

import numpy as np

import retrograd as rg
from benchmarks.contenders import Ways
from benchmarks.losses import loss_of
from benchmarks.workloads import RATE, Workload


def prepare(workload: Workload, threads: int) -> Ways:
    """Two ways of training."""
    X, y = workload.data()
    batches = workload.batches()

    def made() -> rg.CompiledStep:
        loss = loss_of(workload.kind, np)
        return rg.compile_step(loss, rg.optimizers.Adam(RATE), workload.parameters())

    step, other = made(), made()

    def calls() -> float:
        return sum([step(x, t) for x, t in batches]) / len(batches)

    def epoch() -> float:
        return other.epoch((X, y), batch_size=workload.batch)

    return {"retrograd step": calls, "retrograd epoch": epoch}
