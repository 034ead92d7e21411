"""What compiled loops call, against NumPy in float64."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

numba = pytest.importorskip("numba")

from retrograd.native import functions  # noqa: E402


@numba.njit(**functions.OPTIONS)  # type: ignore[untyped-decorator]
def exps(x: Any, out: Any) -> None:
    for i in range(x.size):
        out[i] = functions.exp(x[i])


@numba.njit(**functions.OPTIONS)  # type: ignore[untyped-decorator]
def tanhs(x: Any, out: Any) -> None:
    for i in range(x.size):
        out[i] = functions.tanh(x[i])


SPECIAL = [np.inf, -np.inf, np.nan, 0.0, -0.0, 1e-45, -1e-45, 3e38, -3e38]


@pytest.mark.parametrize(
    ("function", "right", "error"), [(exps, np.exp, 1e-7), (tanhs, np.tanh, 4e-7)]
)
def test_over_the_whole_range_of_float32(function: Any, right: Any, error: float) -> None:
    sizes = 10.0 ** np.linspace(-40, 38, 200_001)
    x = np.concatenate([np.linspace(-110, 110, 1_000_001), sizes, -sizes, SPECIAL])
    x = x.astype(np.float32)
    found = np.empty_like(x)
    function(x, found)
    with np.errstate(all="ignore"):
        exact = right(x.astype(np.float64))
        rounded = exact.astype(np.float32)
    normal = np.isfinite(rounded) & (abs(exact) > 1.2e-38)
    assert np.max(abs(found[normal] / exact[normal] - 1)) < error
    assert np.array_equal(found[~np.isfinite(rounded)], rounded[~np.isfinite(rounded)], True)
    rest = np.isfinite(rounded) & ~normal  # denormal numbers
    assert np.max(abs(found[rest].astype(float) - exact[rest]), initial=0) < 2e-45


@pytest.mark.parametrize("function", [exps, tanhs])
def test_float64(function: Any) -> None:
    x = np.linspace(-20, 20, 1001)
    found = np.empty_like(x)
    function(x, found)
    right = np.exp(x) if function is exps else np.tanh(x)
    np.testing.assert_allclose(found, right, rtol=1e-14)


def test_labels_count_from_either_end() -> None:
    assert [functions.label(y, 4) for y in (0, 3, -1, -4)] == [0, 3, 3, 0]
    for y in (4, -5):
        with pytest.raises(IndexError):
            functions.label(y, 4)


@numba.njit(**functions.OPTIONS)  # type: ignore[untyped-decorator]
def erfs(x: Any, out: Any) -> None:
    for i in range(x.size):
        out[i] = functions.erf(x[i])


@numba.njit(**functions.OPTIONS)  # type: ignore[untyped-decorator]
def erfcs(x: Any, out: Any) -> None:
    for i in range(x.size):
        out[i] = functions.erfc(x[i])


@pytest.mark.parametrize(("function", "right"), [(erfs, math.erf), (erfcs, math.erfc)])
def test_the_error_function_in_float32(function: Any, right: Any) -> None:
    sizes = 10.0 ** np.linspace(-40, 38, 20_001)
    x = np.concatenate([np.linspace(-11, 11, 100_001), sizes, -sizes, SPECIAL]).astype(np.float32)
    found = np.empty_like(x)
    function(x, found)
    exact = np.array([right(float(v)) for v in x])
    both = np.isfinite(exact) & (abs(exact) > 1e-37)
    assert abs(found[both] / exact[both] - 1).max() < 5e-7
    np.testing.assert_allclose(found[~both], exact[~both], atol=1e-37)
    wide = np.linspace(-5, 5, 1001)
    found = np.empty_like(wide)
    function(wide, found)
    np.testing.assert_allclose(found, [right(v) for v in wide], rtol=1e-15)
