"""Every op that a loop can run, compiled: its value and gradients as its NumPy text has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import retrograd as rg
from ops.test_every_op import drawn, runner
from retrograd.compile import CompiledRun
from retrograd.errors import CannotCompileError
from retrograd.ops import TABLE, Op
from retrograd.ops.samples import Sample

pytest.importorskip("numba")

_TOGETHER = 12  # ops in one program: compiling one takes seconds
_NO_LOOP = {"heaviside"}  # Numba does not have it


def is_array(thing: Any) -> bool:
    return isinstance(thing, np.ndarray) and thing.dtype == float and thing.ndim > 0


def looped() -> list[tuple[Op, Sample]]:
    """The samples of ops on single entries, whose operands are arrays of floats and numbers."""
    found = []
    for entry in TABLE:
        entrywise = (entry.elementwise and entry.loop != "" and not entry.imports) or entry.loop
        if not entrywise or entry.derivative != "rule":
            continue
        for sample in entry.samples:
            arrays = drawn(sample)
            fits = [is_array(a) or type(a) in (int, float) for a in arrays]
            if all(fits) and any(map(is_array, arrays)) and not sample.params:
                found.append((entry, sample))
    return found


def together(cases: Sequence[tuple[Op, Sample]]) -> tuple[Any, list[Any]]:
    """A function that weighs and adds up the results of several ops, and its arguments."""
    operands = [drawn(sample) for _, sample in cases]
    arrays = [[a for a in own if is_array(a)] for own in operands]
    calls = [runner(entry, sample.params) for entry, sample in cases]
    rng = np.random.default_rng(5)
    shapes = [np.shape(call(*a)) for call, a in zip(calls, operands, strict=True)]
    weights = [rng.normal(size=s) for s in shapes]

    def total(arrays: Any, weights: Any) -> Any:
        found = 0.0
        for call, own, known, weight in zip(calls, arrays, operands, weights, strict=True):
            rest = iter(own)
            given = [next(rest) if is_array(a) else a for a in known]
            found = found + np.sum(call(*given) * weight)
        return found

    return total, [arrays, weights]


CASES = looped()
PARTS = [CASES[n : n + _TOGETHER] for n in range(0, len(CASES), _TOGETHER)]


def test_there_are_many() -> None:
    assert len({entry.name for entry, _ in CASES}) > 40
    assert {entry.name for entry in TABLE if entry.loop == ""} == _NO_LOOP


@pytest.mark.parametrize(
    "part",
    [pytest.param(n, marks=() if n % 12 == 0 else pytest.mark.slow) for n in range(len(PARTS))],
)
def test_value_and_gradients(part: int) -> None:
    total, arguments = together(PARTS[part])
    plain = rg.value_and_grad(total)
    entry = plain.entry(*arguments)
    try:
        run = CompiledRun(entry.program)
    except CannotCompileError as error:
        pytest.fail(f"{[e.name for e, _ in PARTS[part]]}: {error}")
    value, gradients = run(*arguments)
    expected, right = plain(*arguments)
    assert value == pytest.approx(expected, rel=1e-12)
    for (op, _), own, other in zip(PARTS[part], gradients, right, strict=True):
        for a, b in zip(own, other, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-13, err_msg=op.name)
