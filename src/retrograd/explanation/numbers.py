"""Numbers and arrays in a few characters."""

from __future__ import annotations

from typing import Any

import numpy as np

_BARS = " ▁▂▃▄▅▆▇█"
_ASCII_BARS = " .:-=+*#%"
_BINS = 8


def number(x: Any, digits: int = 3) -> str:
    """A number as people write it."""
    value = x.item() if isinstance(x, np.ndarray | np.generic) else x
    if isinstance(value, bool | int):
        return str(int(value))
    if not np.isfinite(value):
        return str(value)
    if value == 0:
        return "0"
    if 10.0**-digits <= abs(value) < 1e5:
        return f"{value:.{digits}f}"
    return f"{value:.{max(digits - 1, 1)}e}"


def vector(x: Any, digits: int = 3, most: int = 6) -> str:
    """A few numbers in brackets; a single number without."""
    array = np.asarray(x)
    if array.ndim == 0:
        return number(array, digits)
    flat = array.reshape(-1)
    whole = np.all(flat == np.round(flat)) and np.all(np.abs(flat) < 1000)
    shown = [str(int(v)) if whole else number(v, digits) for v in flat[:most]]
    return f"[{' '.join(shown)}{' ...' if len(flat) > most else ''}]"


def matrix(x: Any, ascii_only: bool = False) -> list[str]:
    """A small matrix, row by row."""
    rows = [[number(v) for v in row] for row in np.atleast_2d(x)]
    width = max(len(v) for row in rows for v in row)
    bar = "|" if ascii_only else "│"
    return [f"{bar} {' '.join(v.rjust(width) for v in row)} {bar}" for row in rows]


def glance(x: Any, ascii_only: bool = False, room: int = 40) -> str:
    """An array's values at a glance: the smallest, how they are spread, the largest.

    Args:
        x: the array.
        ascii_only: no characters beyond ASCII.
        room: columns; how many are zero is said where it fits.
    """
    array = np.asarray(x)
    if array.ndim == 0:
        return number(array, 4)
    if array.size == 0:
        return "empty"
    if array.dtype == np.bool_:
        return f"{int(array.sum())} of {array.size} true"
    if array.dtype.kind in "iu" or array.size <= 3:
        exact = vector(array)
        return exact if len(exact) <= room else vector(array, 1)
    if array.ndim == 2 and array.min() >= 0 and np.allclose(array.sum(axis=1), 1, atol=1e-6):
        return "rows sum to 1"
    finite = array[np.isfinite(array)]
    if finite.size < array.size:
        return f"{array.size - finite.size} of {array.size} not finite"
    low, high = float(array.min()), float(array.max())
    if low == high:
        return f"all {number(low)}"
    bars = _histogram(array, low, high, ascii_only)
    text = f"[{number(low, 2)} {bars} {number(high, 2)}]"
    if len(text) > room:
        text = f"[{number(low, 1)} {bars} {number(high, 1)}]"
    zeros = int(np.sum(array == 0))
    longer = f"{text} {zeros} zero"
    return longer if 4 * zeros >= array.size and len(longer) <= room else text


def _histogram(array: Any, low: float, high: float, ascii_only: bool) -> str:
    counts, _ = np.histogram(array, bins=_BINS, range=(low, high))
    bars = _ASCII_BARS if ascii_only else _BARS
    top = len(bars) - 1
    return "".join(bars[int(np.ceil(top * c / counts.max()))] for c in counts)


def plain_text(text: str) -> str:
    """Text without characters beyond ASCII."""
    for fancy, plain in _REPLACED.items():
        text = text.replace(fancy, plain)
    return text


_REPLACED: dict[str, str] = {
    "∂": "d", "Σ": "sum", "·": "*", "−": "-", "×": "x", "ᵀ": ".T", "│": "|", "→": "->", "≈": "~",
    "±": "+-", "…": "...", "δ": "delta", "√": "sqrt", "²": "^2", "≥": ">=", "≤": "<=", "✓": "ok",
    "₀": "0", "∈": "in",
    **dict(zip(_BARS[1:], _ASCII_BARS[1:], strict=True)),
}  # fmt: skip
