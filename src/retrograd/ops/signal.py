"""SciPy's convolutions of small arrays; imported when scipy.signal is."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.signal

from retrograd.ops.protocols import refused
from retrograd.ops.table import composed
from retrograd.ops.windows import pad, sliding_window_view


def _correlated(a: Any, v: Any, mode: str, boundary: str = "fill", fillvalue: Any = 0) -> Any:
    """Sums of products of v with each window of a, for any number of axes."""
    if boundary != "fill":
        raise refused(f"scipy.signal with boundary={boundary!r}")
    rank = np.ndim(a)
    small = [int(n) for n in np.shape(v)]
    large = [int(n) for n in np.shape(a)]
    if mode == "valid" and any(n < m for n, m in zip(large, small, strict=True)):
        raise refused("scipy.signal with a second array that is the larger one")
    if mode != "valid":
        a = pad(a, [(m - 1, m - 1) for m in small], constant_values=fillvalue)
    windows = sliding_window_view(a, tuple(small))
    result = np.tensordot(windows, v, axes=rank)
    if mode == "same":
        starts = [(m - 1) // 2 for m in small]
        key = tuple(slice(s, s + n) for s, n in zip(starts, large, strict=True))
        result = result[key]
    return result


@composed(scipy.signal.correlate2d)
def correlate2d(
    in1: Any, in2: Any, mode: str = "full", boundary: str = "fill", fillvalue: Any = 0
) -> Any:
    """Cross-correlation of two matrices."""
    if mode == "same":  # SciPy centers the other way around
        full = _correlated(in1, in2, "full", boundary, fillvalue)
        starts = [int(m) // 2 for m in np.shape(in2)]
        ends = zip(starts, np.shape(in1), strict=True)
        return full[tuple(slice(s, s + int(n)) for s, n in ends)]
    return _correlated(in1, in2, mode, boundary, fillvalue)


@composed(scipy.signal.convolve2d)
def convolve2d(
    in1: Any, in2: Any, mode: str = "full", boundary: str = "fill", fillvalue: Any = 0
) -> Any:
    """Convolution of two matrices."""
    return _correlated(in1, np.flip(in2), mode, boundary, fillvalue)


@composed(scipy.signal.convolve)
def convolve(in1: Any, in2: Any, mode: str = "full", method: str = "auto") -> Any:
    """Convolution of two arrays."""
    return _correlated(in1, np.flip(in2), mode)


@composed(scipy.signal.correlate)
def correlate(in1: Any, in2: Any, mode: str = "full", method: str = "auto") -> Any:
    """Cross-correlation of two arrays."""
    return _correlated(in1, in2, mode)
