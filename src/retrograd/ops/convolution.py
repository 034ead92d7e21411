"""Convolution in plain NumPy: windows of the input, and a sum of products over each.

Arrays are (N, channels, length) or (N, channels, height, width). What is written here is
differentiated as the user's code is: the windows' gradients are added up where they overlap.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.arguments import whole_number
from retrograd.errors import ShapeError
from retrograd.ops.dispatch import named_once
from retrograd.ops.strides import axes_behind, check_fits, ends_of, framed_by, number_for_each
from retrograd.ops.windows import windows
from retrograd.program import plain


@named_once
def conv1d(
    x: Any,
    w: Any,
    b: Any = None,
    *,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """Cross-correlation along one axis, which networks call convolution.

    Args:
        x: (N, C, L): examples, channels, positions.
        w: (O, C / groups, k): one kernel for each output channel.
        b: (O,), added to each output channel; None adds nothing.
        stride: positions from one window to the next, 1 or more.
        padding: zeros put at both ends, 0 or more; "same" keeps L (with stride 1), "valid" is 0.
        dilation: positions from one element of a window to the next, 1 or more.
        groups: output channels o only see the input channels of their group; divides C and O.

    Returns:
        (N, O, L'), with L' = (L + 2 padding - dilation (k - 1) - 1) // stride + 1.

    Raises:
        ShapeError: RG108, shapes that do not fit, or a kernel that is longer than the input.
        ArgumentError: RG601, a number out of its range.

    Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016).

    >>> conv1d(np.array([[[1.0, 2.0, 4.0]]]), np.array([[[-1.0, 1.0]]])).tolist()
    [[[1.0, 2.0]]]
    """
    return _convolved(x, w, b, stride, padding, dilation, groups, 1, "conv1d")


@named_once
def conv2d(
    x: Any,
    w: Any,
    b: Any = None,
    *,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    """Cross-correlation along two axes, which networks call convolution.

    Args:
        x: (N, C, H, W): examples, channels, rows, columns.
        w: (O, C / groups, h, w): one kernel for each output channel.
        b: (O,), added to each output channel; None adds nothing.
        stride: positions from one window to the next, 1 or more; one number or one for each axis.
        padding: zeros put on both sides, 0 or more; one number or one for each axis; "same" keeps
            H and W (with stride 1), "valid" is 0.
        dilation: positions from one element of a window to the next; as stride.
        groups: output channels only see the input channels of their group; divides C and O.

    Returns:
        (N, O, H', W'), with H' = (H + 2 padding - dilation (h - 1) - 1) // stride + 1.

    Raises:
        ShapeError: RG108, shapes that do not fit, or a kernel that is larger than the input.
        ArgumentError: RG601, a number out of its range.

    Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016).

    >>> conv2d(np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2))).tolist()
    [[[[4.0, 4.0], [4.0, 4.0]]]]
    """
    return _convolved(x, w, b, stride, padding, dilation, groups, 2, "conv2d")


def _convolved(
    x: Any,
    w: Any,
    b: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: int,
    rank: int,
    name: str,
) -> Any:
    shape, kernel = plain(np.shape(x)), plain(np.shape(w))
    if len(shape) != rank + 2 or len(kernel) != rank + 2:
        raise ShapeError(
            "RG108",
            f"{name} takes x with {rank + 2} axes (N, C, ...) and w with {rank + 2} (O, C, ...), "
            f"and got {shape} and {kernel}",
            help="one example alone: x[None]" if len(shape) == rank + 1 else "",
        )
    stride = number_for_each(stride, rank, "stride", 1)
    dilation = number_for_each(dilation, rank, "dilation", 1)
    groups = whole_number("groups", groups)
    if shape[1] % groups or kernel[0] % groups or kernel[1] * groups != shape[1]:
        raise ShapeError(
            "RG108",
            f"{name}: x {shape} has {shape[1]} channels, w {kernel} is for {kernel[1] * groups} "
            f"in and {kernel[0]} out with {groups} groups",
            notes=("w is (O, C / groups, ...), and groups divides both C and O",),
        )
    if b is not None and plain(np.shape(b)) != (kernel[0],):
        raise ShapeError(
            "RG108", f"{name}: b has shape {plain(np.shape(b))}, and w makes {kernel[0]} channels"
        )
    size = kernel[2:]
    ends = ends_of(padding, size, stride, dilation, name)
    x = framed_by(x, ends, 0)
    check_fits(x, size, dilation, name)
    spread = windows(x, size=size, axis=axes_behind(rank), stride=stride, dilation=dilation)
    places, inside = "hwd"[:rank], "ijk"[:rank]
    if groups == 1:  # n examples, c channels in, o out
        equation = f"nc{places}{inside},oc{inside}->no{places}"
        z = np.einsum(equation, spread, w, optimize=True)
    else:
        n = np.shape(x)[0]
        apart = np.reshape(spread, (n, groups, kernel[1], *np.shape(spread)[2:]))
        kernels = np.reshape(w, (groups, kernel[0] // groups, *kernel[1:]))
        equation = f"ngc{places}{inside},goc{inside}->ngo{places}"
        z = np.einsum(equation, apart, kernels, optimize=True)
        z = np.reshape(z, (n, kernel[0], *np.shape(z)[3:]))
    return z if b is None else z + np.reshape(b, (-1, *(1,) * rank))
