"""Convolution and pooling of images as layers: channels first, (N, C, H, W)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from retrograd.arguments import in_range, whole_number
from retrograd.errors import ArgumentError, ShapeError
from retrograd.layers.layer import Array, Layer, Shape, axes_of
from retrograd.ops.convolution import conv2d
from retrograd.ops.pooling import avg_pool2d, max_pool2d
from retrograd.ops.strides import number_for_each


class Conv2D(Layer):
    """z = conv2d(x, W) + b: each filter moves over the image.

    Args:
        filters: how many channels the result has, 1 or more.
        size: height and width of a filter, or one number for both.
        stride, padding, dilation, groups: see `conv2d`.
        bias: whether there is a b.
        initialization: "he" draws W from N(0, 2 / inputs), for ReLU; "glorot" from
            N(0, 2 / (inputs + outputs)); "auto" lets `Sequential` choose by the next layer.

    Raises:
        ArgumentError: RG601, a value outside of its range.

    Source: LeCun et al., "Gradient-Based Learning Applied to Document Recognition" (1998), II.A.

    >>> layer = Conv2D(8, 3, padding=1)
    >>> layer.build((1, 28, 28), np.random.default_rng(0), np.float32)
    (8, 28, 28)
    >>> layer(np.zeros((5, 1, 28, 28), dtype=np.float32)).shape
    (5, 8, 28, 28)
    """

    W: Array
    b: Array

    def __init__(
        self,
        filters: int,
        size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] | str = 0,
        dilation: int | tuple[int, int] = 1,
        groups: int = 1,
        bias: bool = True,
        initialization: str = "auto",
    ) -> None:
        if initialization not in ("he", "glorot", "auto"):
            raise ArgumentError(
                "RG601", f"initialization must be 'he', 'glorot' or 'auto', not {initialization!r}"
            )
        self.filters, self.groups = whole_number("filters", filters), whole_number("groups", groups)
        self.size = number_for_each(size, 2, "size", 1)
        self.stride = number_for_each(stride, 2, "stride", 1)
        self.dilation = number_for_each(dilation, 2, "dilation", 1)
        fixed = isinstance(padding, str)
        self.padding = padding if fixed else number_for_each(padding, 2, "padding", 0)
        self.bias, self.initialization = bool(bias), initialization
        self.parameters = ("W", "b") if bias else ("W",)

    def build(self, shape: Shape, rng: np.random.Generator, dtype: Any) -> Any:
        """Draw W of shape (filters, C / groups, h, w) and set b, of shape (filters,), to zero."""
        if len(axes_of(shape)) != 3:
            raise ShapeError(
                "RG105",
                f"Conv2D takes examples (C, H, W), and they have shape {axes_of(shape)}",
                help="X.reshape(-1, 1, 28, 28) for images of 28 rows in one channel",
            )
        channels = axes_of(shape)[0]
        area = math.prod(self.size)
        inputs, outputs = channels // self.groups * area, self.filters * area
        variance = 2.0 / inputs if self.initialization == "he" else 2.0 / (inputs + outputs)
        kernel = (self.filters, channels // self.groups, *self.size)
        self.W = rng.normal(scale=np.sqrt(variance), size=kernel).astype(dtype)
        if self.bias:
            self.b = np.zeros(self.filters, dtype=dtype)
        return self(np.zeros((1, *axes_of(shape)), dtype=dtype)).shape[1:]

    def __call__(self, x: Any) -> Any:
        """For x of shape (N, C, H, W); the result is (N, filters, H', W').

        Raises:
            ShapeError: RG108, shapes that do not fit.
        """
        z = conv2d(
            x,
            self.W,
            self.b if self.bias else None,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
            groups=self.groups,
        )
        return z


class MaxPool2D(Layer):
    """The largest of each window; equal largest ones share the gradient.

    Args:
        size, stride, padding, dilation, ceil_mode: see `max_pool2d`.

    >>> MaxPool2D(2)(np.arange(16.0).reshape(1, 1, 4, 4)).tolist()
    [[[[5.0, 7.0], [13.0, 15.0]]]]
    """

    def __init__(
        self,
        size: int | tuple[int, int] = 2,
        stride: int | tuple[int, int] | None = None,
        padding: int | tuple[int, int] = 0,
        dilation: int | tuple[int, int] = 1,
        ceil_mode: bool = False,
    ) -> None:
        self.size, self.stride, self.padding = size, stride, padding
        self.dilation, self.ceil_mode = dilation, ceil_mode

    def build(self, shape: Shape, rng: np.random.Generator, dtype: Any) -> Any:
        """The shape of its results."""
        return self(np.zeros((1, *axes_of(shape)), dtype=dtype)).shape[1:]

    def __call__(self, x: Any) -> Any:
        """For x of shape (N, C, H, W).

        Raises:
            ShapeError: RG108, a window that is larger than the image.
        """
        a = max_pool2d(x, self.size, self.stride, self.padding, self.dilation, self.ceil_mode)
        return a


class AvgPool2D(Layer):
    """The mean of each window.

    Args:
        size, stride, padding, ceil_mode, count_include_pad: see `avg_pool2d`.

    >>> AvgPool2D(2)(np.arange(16.0).reshape(1, 1, 4, 4)).tolist()
    [[[[2.5, 4.5], [10.5, 12.5]]]]
    """

    def __init__(
        self,
        size: int | tuple[int, int] = 2,
        stride: int | tuple[int, int] | None = None,
        padding: int | tuple[int, int] = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor: float | None = None,
    ) -> None:
        self.size, self.stride, self.padding = size, stride, padding
        self.ceil_mode, self.count_include_pad = ceil_mode, count_include_pad
        self.divisor = (
            None if divisor is None else in_range("divisor", divisor, 0, math.inf, open_low=True)
        )

    def build(self, shape: Shape, rng: np.random.Generator, dtype: Any) -> Any:
        """The shape of its results."""
        return self(np.zeros((1, *axes_of(shape)), dtype=dtype)).shape[1:]

    def __call__(self, x: Any) -> Any:
        """For x of shape (N, C, H, W).

        Raises:
            ShapeError: RG108, a window that is larger than the image.
        """
        a = avg_pool2d(
            x,
            self.size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor,
        )
        return a
