"""How windows lie over an array: sizes, strides and frames, and what of them is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from retrograd.errors import ArgumentError, ShapeError
from retrograd.program import plain


def number_for_each(given: Any, rank: int, what: str, least: int) -> tuple[int, ...]:
    """One number for each axis."""
    numbers = tuple(given) if isinstance(given, tuple | list) else (given,)
    numbers = numbers * rank if len(numbers) == 1 else numbers
    whole = all(isinstance(n, int | np.integer) and not isinstance(n, bool) for n in numbers)
    if len(numbers) != rank or not whole or any(n < least for n in numbers):
        raise ArgumentError(
            "RG601", f"{what} must be a whole number from {least}, or {rank} of them, not {given!r}"
        )
    return tuple(int(n) for n in numbers)


def ends_of(
    padding: Any,
    size: Sequence[int],
    stride: Sequence[int],
    dilation: Sequence[int],
    name: str,
) -> list[tuple[int, int]]:
    """How much is put before and behind, for each axis."""
    if isinstance(padding, str):
        if padding == "valid":
            return [(0, 0)] * len(size)
        if padding != "same":
            raise ArgumentError("RG601", f"padding must be 'same', 'valid' or numbers: {padding!r}")
        if max(stride) > 1:
            raise ArgumentError("RG601", f"{name}: padding='same' takes a stride of 1")
        totals = [d * (k - 1) for k, d in zip(size, dilation, strict=True)]
        return [(t // 2, t - t // 2) for t in totals]
    return [(p, p) for p in number_for_each(padding, len(size), "padding", 0)]


def framed_by(x: Any, ends: Sequence[tuple[int, int]], value: float) -> Any:
    """An array (N, C, ...) with a frame of one number around its positions."""
    if not any(n for pair in ends for n in pair):
        return x
    return np.pad(x, [(0, 0), (0, 0), *ends], constant_values=value)


def check_fits(x: Any, size: Sequence[int], dilation: Sequence[int], name: str) -> None:
    """Refuse a kernel that is longer than the positions (RG108)."""
    for n, k, d in zip(plain(np.shape(x))[2:], size, dilation, strict=True):
        if (k - 1) * d + 1 > n:
            raise ShapeError(
                "RG108", f"{name}: a kernel of {(k - 1) * d + 1} is longer than {n} positions"
            )


def axes_behind(rank: int) -> tuple[int, ...]:
    """The axes of the positions, behind examples and channels."""
    return tuple(range(2, 2 + rank))


def last_axes(rank: int) -> tuple[int, ...]:
    """So many axes at the end."""
    return tuple(range(-rank, 0))
