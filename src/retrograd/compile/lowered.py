"""A program as text to compile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from retrograd.program import Operand, Value

HEADER = '''"""{title}, compiled: the steps of its NumPy text, in as few passes as possible."""

import numpy as np

from retrograd.native.arrays import at, copy, shaped
from retrograd.native.functions import erf, erfc, exp, kernel, label, tanh
{threads}from retrograd.native.gemm import (
    gemm,
    gemm_both_transposed,
    gemm_first_transposed,
    gemm_second_transposed,
    gemv,
    gemv_transposed,
    turn,
)
from retrograd.native.rows import take_numbers, take_rows
'''


FIRST = "first"  # the part of the work that makes what is not shared
THREADS = """from retrograd.native.functions import add_numbers, add_parts, share
from retrograd.native.waiting import done, fail, take, wait
"""


CLOCK = "from retrograd.native.clock import clock\n"


def header(title: str, *, shared: bool = False, timed: bool = False) -> str:
    """The first lines of a module.

    Args:
        title: what it computes.
        shared: whether threads share the work.
        timed: whether it notes how long each item takes.
    """
    more = CLOCK if timed else ""
    return HEADER.format(title=title, threads=more + (THREADS if shared else ""))


@dataclass(frozen=True)
class Lowered:
    """A program as text to compile.

    Attributes:
        source: a function for each loop.
        lengths: `name_lengths(*inputs)`, which returns how long `out` and `work` are, and the
            results' shapes; plain Python.
        runner: `name(*inputs, out, work)`, which runs them and returns the numbers that the program
            returns, and `name_run(*inputs, *buffers)`.
        inputs: the values that it is called with, in order.
        results: the arrays that the program returns, as they follow each other in `out`.
        numbers: the numbers that it returns, in order.
        dtype: of all its arrays.
        whole: whether all of it is compiled; else some lines run as NumPy.
        names: what the inputs are called.
        setup: lines that make `buffers` of `out` and `work`.
        buffers: what it works in.
        taken: the names that stand in `setup`.
        segments: what is done, in order: all of it; or, where threads share the work, what each
            part of it does, up to where all wait.
        shares: of which rows of each result a part makes its share: how many there are, as text;
            "first" where the first part makes all; "" where all have waited for it.
        loss: the first of the numbers, as text that a part can compute in the last segment.
    """

    source: str
    lengths: str
    runner: str
    inputs: tuple[Value, ...]
    results: tuple[Value, ...]
    numbers: tuple[Operand, ...]
    dtype: np.dtype[Any]
    whole: bool
    names: tuple[str, ...] = ()
    setup: tuple[str, ...] = ()
    buffers: tuple[str, ...] = ()
    taken: frozenset[str] = frozenset()
    segments: tuple[tuple[str, ...], ...] = ()
    shares: tuple[str, ...] = ()
    loss: str = ""

    def sizes(self, *inputs: Any) -> tuple[int, int, list[tuple[int, ...]]]:
        """How long `out` and `work` are for some inputs, and the results' shapes."""
        names: dict[str, Any] = {}
        exec(self.lengths, names)
        (function,) = (f for name, f in names.items() if name.endswith("_lengths"))
        found: tuple[int, int, list[tuple[int, ...]]] = function(*inputs)
        return found
