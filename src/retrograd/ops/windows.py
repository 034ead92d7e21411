"""Windows that move along an array: pad, convolve, correlate, sliding windows."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.ops.made import arange, constant, zeros
from retrograd.ops.protocols import refused
from retrograd.ops.reduce import axes_of
from retrograd.ops.table import composed
from retrograd.ops.write import set_at
from retrograd.program import plain


def _pairs(x: Any, given: Any) -> list[tuple[Any, Any]]:
    """One number, a pair, or one or two numbers for each axis: as a pair for each axis."""
    if np.ndim(given) == 0:
        return [(given, given)] * np.ndim(x)
    items = [tuple(item) if np.ndim(item) else item for item in given]
    if not any(isinstance(item, tuple) for item in items):
        items = [tuple(items)]
    pairs = [item if isinstance(item, tuple) else (item,) for item in items]
    pairs = [pair * 2 if len(pair) == 1 else pair for pair in pairs]
    return pairs * np.ndim(x) if len(pairs) == 1 else pairs


@composed(np.pad)
def pad(array: Any, pad_width: Any, mode: str = "constant", constant_values: Any = 0) -> Any:
    """A frame of numbers around an array, or of copies of its edge."""
    widths = _pairs(array, pad_width)
    if mode in ("edge", "reflect", "symmetric", "wrap"):  # copies of other elements
        for axis, (before, after) in enumerate(widths):
            n = int(np.shape(array)[axis])
            widen: Any = np.pad
            places = widen(np.arange(n), (int(before), int(after)), mode=mode)
            array = np.take(array, constant(places), axis=axis)
        return array
    if mode != "constant":
        raise refused(f"np.pad(mode={mode!r})")
    values = _pairs(array, constant_values)
    for axis, (before, after) in enumerate(widths):
        if plain(before) == 0 and plain(after) == 0:
            continue
        shape = list(np.shape(array))
        n = shape[axis]
        shape[axis] = before + n + after
        lead = (slice(None),) * axis
        out = zeros(tuple(shape), dtype=array.dtype)
        if plain(values[axis][0]) != 0:
            out = set_at(out, values[axis][0], key=(*lead, slice(None, before)))
        if plain(values[axis][1]) != 0:
            out = set_at(out, values[axis][1], key=(*lead, slice(before + n, None)))
        array = set_at(out, array, key=(*lead, slice(before, before + n)))
    return array


@composed(np.convolve)
def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """Sums of products of one with the other one, reversed and moved along."""
    n, m = int(np.shape(a)[0]), int(np.shape(v)[0])
    if m > n:
        a, v, n, m = v, a, m, n
    padded = pad(a, m - 1)
    places = arange(n + m - 1)[:, None] + arange(m)[None, :]
    full = padded[places] @ np.flip(v, 0)
    if mode == "valid":
        return full[m - 1 : n]
    if mode == "same":
        start = (m - 1) // 2
        return full[start : start + n]
    return full


@composed(np.lib.stride_tricks.sliding_window_view)
def sliding_window_view(x: Any, window_shape: Any, axis: Any = None) -> Any:
    """All windows of a shape, along new axes at the end."""
    sizes = [window_shape] if np.ndim(window_shape) == 0 else list(window_shape)
    axes = axes_of(axis, np.ndim(x)) if axis is not None else tuple(range(len(sizes)))
    for size, at in zip(sizes, axes, strict=True):
        n, size = int(np.shape(x)[at]), int(size)
        places = arange(n - size + 1)[:, None] + arange(size)[None, :]
        x = np.moveaxis(np.take(x, places, axis=at), at + 1, -1)
    return x


@composed(np.correlate)
def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    """Sums of products of one with the other one moved along."""
    n, m = int(np.shape(a)[0]), int(np.shape(v)[0])
    if m > n and mode != "full":
        raise refused("np.correlate with a second array that is the longer one")
    return convolve(a, np.flip(v, 0), mode)
