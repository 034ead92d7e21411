"""Matrix products, against NumPy in float64: every way in which tiles and edges can meet."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("numba")

from retrograd.native.kept import Native
from retrograd.native.vectors import lanes, registers

NAMES = "gemm", "gemm_first_transposed", "gemm_second_transposed", "gemm_both_transposed"
NATIVE = Native(f"from retrograd.native.gemm import {', '.join(NAMES)}\n", "products")


def called(name: str) -> Any:
    """A product as machine code, of all rows."""
    return lambda a, b, out: NATIVE.call(name, a, b, out, 0, -1)()


FUNCTIONS = {
    (False, False): called(NAMES[0]),
    (True, False): called(NAMES[1]),
    (False, True): called(NAMES[2]),
    (True, True): called(NAMES[3]),
}
KINDS = [
    pytest.param(t, u, id=f"{'a.T' if t else 'a'} @ {'b.T' if u else 'b'}") for t, u in FUNCTIONS
]


def difference(
    rows: int, depth: int, columns: int, turned: bool, across: bool, dtype: Any
) -> float:
    """The largest error, in units of what rounding a sum of this length may give."""
    rng = np.random.default_rng(rows + 1000 * depth + columns)
    a = rng.normal(size=(rows, depth)).astype(dtype)
    b = rng.normal(size=(depth, columns)).astype(dtype)
    # around the product lies memory that must stay as it is
    space = np.full((rows + 2, columns), np.nan, dtype)
    left = np.ascontiguousarray(a.T) if turned else a
    right = np.ascontiguousarray(b.T) if across else b
    FUNCTIONS[turned, across](left, right, space[1:-1])
    assert np.isnan(space[0]).all() and np.isnan(space[-1]).all()
    exact = a.astype(np.float64) @ b.astype(np.float64)
    unit = np.finfo(dtype).eps * (1 + depth) * max(1.0, float(abs(exact).max(initial=0)))
    return float(abs(space[1:-1] - exact).max(initial=0)) / unit


@pytest.mark.parametrize(("turned", "across"), KINDS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_edge_of_a_tile(turned: bool, across: bool, dtype: Any) -> None:
    _, height, vectors = registers()
    wide = vectors * lanes(32)
    for rows in range(1, 2 * height + 2):
        for columns in (1, 2, lanes(64), lanes(32), lanes(32) + 1, wide - 1, wide, wide + 3):
            assert difference(rows, 3, columns, turned, across, dtype) < 1


@pytest.mark.parametrize(("turned", "across"), KINDS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "sizes",
    [(1, 1, 1), (3, 1025, 5), (130, 257, 40), (129, 300, 1024), (70, 2050, 33), (5, 40, 2048)],
)
def test_sums_and_rows_in_parts(
    turned: bool, across: bool, dtype: Any, sizes: tuple[int, int, int]
) -> None:
    assert difference(*sizes, turned, across, dtype) < 1


@pytest.mark.parametrize(("turned", "across"), KINDS)
@pytest.mark.parametrize("sizes", [(0, 3, 2), (3, 0, 2), (3, 2, 0)])
def test_nothing_to_multiply(turned: bool, across: bool, sizes: tuple[int, int, int]) -> None:
    assert difference(*sizes, turned, across, np.float32) == 0


@pytest.mark.parametrize(("turned", "across"), KINDS)
@pytest.mark.parametrize("number", [np.inf, np.nan])
def test_inf_and_nan_go_where_numpy_puts_them(turned: bool, across: bool, number: float) -> None:
    a, b = np.ones((9, 20), np.float32), np.zeros((20, 37), np.float32)
    a[4, 7], b[3, 5] = number, 1
    out = np.empty((9, 37), np.float32)
    left = np.ascontiguousarray(a.T) if turned else a
    right = np.ascontiguousarray(b.T) if across else b
    FUNCTIONS[turned, across](left, right, out)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(out, a @ b)


def test_the_measure_sees_a_wrong_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(a: Any, b: Any, out: Any) -> None:
        out[...] = a @ b
        out[-1, -1] += 1e-3

    monkeypatch.setitem(FUNCTIONS, (False, False), wrong)
    assert difference(9, 30, 17, False, False, np.float32) > 1
