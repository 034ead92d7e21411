"""Who is timed: one file each, loaded in a process of its own.

Each has `prepare(workload, threads)`, which gives a function for each way of training, by its name.
The function trains one pass over the batches and returns the mean of their losses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

Pass = Callable[[], float]
Ways = Mapping[str, Pass]

NAMES = ("retrograd", "numpy", "gemm", "jax", "torch", "torch_compile", "sklearn")
