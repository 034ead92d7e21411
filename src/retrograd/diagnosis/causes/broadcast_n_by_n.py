"""(N,1) minus (N,) gives (N,N)."""

from __future__ import annotations

from collections.abc import Iterator

from retrograd.diagnosis.at import At
from retrograd.diagnosis.cause import Suspect, cause


@cause(
    "broadcast_n_by_n",
    "RG565",
    "shape",
    "(N, 1) meets (N,) and gives (N, N)",
    "NumPy lines shapes up from the right: give both arrays the same shape, as y.reshape(-1, 1).",
)
def broadcast_n_by_n(at: At) -> Iterator[Suspect]:
    yield from ()  # found by the shapes on the tape: see repairs.py
