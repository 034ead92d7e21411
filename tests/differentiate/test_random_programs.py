"""Two hundred random programs over the whole op table: gradients agree with differences."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from random_programs import OPS, Writer, arguments

import retrograd as rg

pytestmark = pytest.mark.filterwarnings("ignore::retrograd.recorded.RecordedAtEveryCall")
NAMES = ["a", "b", "c", "s", "m"]


def function_of(source: str) -> Any:
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    return namespace["f"]


def slope(f: Any, args: list[Any], directions: list[Any], h: float) -> float:
    def at(t: float) -> float:
        moved = [x + t * u for x, u in zip(copy.deepcopy(args), directions, strict=True)]
        with np.errstate(all="ignore"):
            return float(f(*moved))

    coarse, fine = ((at(k) - at(-k)) / (2 * k) for k in (h, h / 2))
    return (4 * fine - coarse) / 3


def along_directions(f: Any, args: list[Any], gradients: Any, seed: int) -> int:
    """Compare along random directions; returns how many could be compared."""
    rng = np.random.default_rng(seed)
    compared = 0
    for _ in range(3):
        directions = [rng.normal(size=np.shape(x)) for x in args]
        one, other = (slope(f, args, directions, h) for h in (1e-4, 3e-5))
        if not np.isclose(one, other, rtol=1e-6, atol=1e-6):
            continue  # a kink or a jump between: differences say nothing
        ours = sum(float(np.sum(g * u)) for g, u in zip(gradients, directions, strict=True))
        np.testing.assert_allclose(ours, one, rtol=2e-6, atol=2e-6)
        compared += 1
    return compared


@pytest.mark.parametrize("chunk", range(20))
def test_gradients_of_random_programs(chunk: int) -> None:
    compared = 0
    for seed in range(10 * chunk, 10 * chunk + 10):
        source = Writer(seed).program()
        f, args = function_of(source), arguments(seed)
        given = copy.deepcopy(args)
        with np.errstate(all="ignore"):
            expected = f(*copy.deepcopy(args))
            value, gradients = rg.value_and_grad(f, NAMES)(*args)
        np.testing.assert_allclose(value, expected, rtol=1e-10, atol=1e-10, err_msg=source)
        for one, other in zip(args, given, strict=True):
            np.testing.assert_array_equal(one, other)
        try:
            compared += along_directions(f, args, gradients, seed) > 0
        except AssertionError as error:
            raise AssertionError(f"seed {seed}\n{source}") from error
    assert compared >= 8


def test_the_programs_use_every_op_and_writes() -> None:
    used = {name for seed in range(200) for name in _used(seed)}
    assert "write" in used
    assert {entry.name for entry in OPS} - used == set()


def _used(seed: int) -> list[str]:
    writer = Writer(seed)
    writer.program()
    return writer.used


def test_a_wrong_gradient_would_be_seen() -> None:
    f, args = function_of(Writer(0).program()), arguments(0)
    gradients = list(rg.grad(f, NAMES)(*args))
    gradients[0] = gradients[0] * 1.01 + 0.01
    with pytest.raises(AssertionError):
        along_directions(f, args, gradients, 0)
