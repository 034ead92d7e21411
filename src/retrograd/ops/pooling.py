"""Pooling in plain NumPy: the largest of each window, or its mean.

Arrays are (N, channels, length) or (N, channels, height, width).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from retrograd.errors import ArgumentError, ShapeError
from retrograd.ops.dispatch import named_once
from retrograd.ops.strides import axes_behind, framed_by, last_axes, number_for_each
from retrograd.ops.windows import windows
from retrograd.program import plain


@named_once
def max_pool1d(
    x: Any,
    size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Any:
    """The largest of each window along one axis; see `max_pool2d`.

    >>> max_pool1d(np.array([[[1.0, 3.0, 2.0, 5.0]]]), 2).tolist()
    [[[3.0, 5.0]]]
    """
    return _max_pooled(x, _placing("max_pool1d", x, 1, size, stride, padding, dilation, ceil_mode))


@named_once
def max_pool2d(
    x: Any,
    size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Any:
    """The largest of each window; equal largest ones share the gradient evenly.

    Args:
        x: (N, C, H, W).
        size: of a window, 1 or more; one number or one for each axis.
        stride: positions from one window to the next; None for windows side by side.
        padding: a frame that is never the largest, at most half of the size.
        dilation: positions from one element of a window to the next.
        ceil_mode: whether a last window may hang over the end.

    Returns:
        (N, C, H', W').

    Raises:
        ShapeError: RG108, a window that is larger than the input.
        ArgumentError: RG601, a number out of its range.

    >>> max_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 2).tolist()
    [[[[5.0, 7.0], [13.0, 15.0]]]]
    """
    return _max_pooled(x, _placing("max_pool2d", x, 2, size, stride, padding, dilation, ceil_mode))


@named_once
def avg_pool1d(
    x: Any,
    size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    """The mean of each window along one axis; see `avg_pool2d`.

    >>> avg_pool1d(np.array([[[1.0, 3.0, 2.0, 5.0]]]), 2).tolist()
    [[[2.0, 3.5]]]
    """
    placing = _placing("avg_pool1d", x, 1, size, stride, padding, 1, ceil_mode)
    return _averaged(x, placing, count_include_pad, None)


@named_once
def avg_pool2d(
    x: Any,
    size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor: Any = None,
) -> Any:
    """The mean of each window.

    Args:
        x: (N, C, H, W).
        size: of a window, 1 or more; one number or one for each axis.
        stride: positions from one window to the next; None for windows side by side.
        padding: zeros put on both sides, at most half of the size.
        ceil_mode: whether a last window may hang over the end; what hangs over does not count.
        count_include_pad: whether the zeros of the padding count.
        divisor: what to divide by instead of the number of elements.

    Returns:
        (N, C, H', W').

    Raises:
        ShapeError: RG108, a window that is larger than the input.
        ArgumentError: RG601, a number out of its range.

    >>> avg_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 2).tolist()
    [[[[2.5, 4.5], [10.5, 12.5]]]]
    """
    placing = _placing("avg_pool2d", x, 2, size, stride, padding, 1, ceil_mode)
    return _averaged(x, placing, count_include_pad, divisor)


@dataclass(frozen=True)
class _Placing:
    """How windows lie over the positions: one number for each axis.

    Attributes:
        ends: how wide the frame is before and behind: the padding, and what hangs over.
    """

    size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    ends: list[tuple[int, int]]

    def over(self, x: Any, value: float) -> Any:
        """The windows of x in a frame of one number."""
        return windows(
            framed_by(x, self.ends, value),
            size=self.size,
            axis=axes_behind(len(self.size)),
            stride=self.stride,
            dilation=self.dilation,
        )


def _max_pooled(x: Any, placing: _Placing) -> Any:
    return np.max(placing.over(x, -np.inf), axis=last_axes(len(placing.size)))


def _averaged(x: Any, placing: _Placing, count_include_pad: bool, divisor: Any) -> Any:
    rank, own, ends = len(placing.size), placing.padding, placing.ends
    spread = placing.over(x, 0)
    if divisor is not None:
        if not isinstance(divisor, int | float | np.number) or divisor == 0 or divisor != divisor:
            raise ArgumentError("RG601", f"divisor must be a number that is not 0: {divisor!r}")
        return np.sum(spread, axis=last_axes(rank)) / divisor
    counted = count_include_pad and ends == [(p, p) for p in own]
    if counted or not any(n for pair in ends for n in pair):
        return np.mean(spread, axis=last_axes(rank))
    inside = np.ones([int(n) for n in np.shape(x)[2:]])  # what counts in each window
    if count_include_pad:
        inside = np.pad(inside, [(p, p) for p in own], constant_values=1)
        rest = [(0, after - p) for (_, after), p in zip(ends, own, strict=True)]
    else:
        rest = ends
    inside = np.pad(inside, rest)
    counts = windows.body(  # type: ignore[attr-defined]
        inside,
        size=placing.size,
        axis=tuple(range(rank)),
        stride=placing.stride,
        dilation=placing.dilation,
    ).sum(axis=last_axes(rank))
    return np.sum(spread, axis=last_axes(rank)) / counts.astype(x.dtype)


def _placing(
    name: str,
    x: Any,
    rank: int,
    size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool,
) -> _Placing:
    """The numbers of a caller, checked, one for each axis."""
    shape = plain(np.shape(x))
    if ceil_mode:  # how much hangs over depends on the length
        shape = tuple(shape[:2]) + tuple(int(n) for n in np.shape(x)[2:])
    if len(shape) != rank + 2:
        raise ShapeError(
            "RG108",
            f"{name} takes x with {rank + 2} axes (N, C, ...), and got {shape}",
            help="one example alone: x[None]" if len(shape) == rank + 1 else "",
        )
    size = number_for_each(size, rank, "size", 1)
    stride = size if stride is None else number_for_each(stride, rank, "stride", 1)
    padding = number_for_each(padding, rank, "padding", 0)
    dilation = number_for_each(dilation, rank, "dilation", 1)
    if any(2 * p > k for p, k in zip(padding, size, strict=True)):
        raise ArgumentError(
            "RG601", f"{name}: padding {padding} is more than half of the window {size}"
        )
    ends = []
    for n, k, s, p, d in zip(shape[2:], size, stride, padding, dilation, strict=True):
        reach = (k - 1) * d + 1
        room = n + 2 * p - reach
        if room < 0 and not (ceil_mode and room > -s):
            raise ShapeError(
                "RG108", f"{name}: a window of {reach} is longer than {n + 2 * p} positions"
            )
        count = room // s + 1
        if ceil_mode:
            count = -(-room // s) + 1
            count -= (count - 1) * s >= n + p  # a window must begin inside
        ends.append((p, max(p, (count - 1) * s + reach - n - p)))
    return _Placing(size, stride, padding, dilation, ends)
