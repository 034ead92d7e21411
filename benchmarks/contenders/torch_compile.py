"""PyTorch with torch.compile around the forward pass, and fused Adam."""

from __future__ import annotations

import torch

from benchmarks.contenders import Ways
from benchmarks.contenders.torch import training
from benchmarks.workloads import Workload


def prepare(workload: Workload, threads: int) -> Ways:
    """One way: a step for each batch."""
    torch._dynamo.reset()
    return {"torch.compile": training(workload, threads, torch.compile)}
