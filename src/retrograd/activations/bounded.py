"""Activations between two bounds, and what is made of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.errors import ArgumentError
from retrograd.ops import sigmoid as sigmoids


def sigmoid(z: Any) -> Any:
    """1 / (1 + e**-z), without overflow. Its slope is a * (1 - a), from the result a.

    Args:
        z: numbers of any shape.

    Returns:
        An array in the shape of z, from 0 to 1.

    >>> sigmoid(np.array([0.0, -1000.0])).tolist()
    [0.5, 0.0]
    """
    return sigmoids.sigmoid(z)


def logsigmoid(z: Any) -> Any:
    """log(sigmoid(z)), exact where sigmoid underflows.

    Args:
        z: numbers of any shape.

    Returns:
        An array in the shape of z, 0 or less.

    >>> logsigmoid(np.array([0.0, -1000.0])).round(4).tolist()
    [-0.6931, -1000.0]
    """
    return sigmoids.log_sigmoid(z)


def tanh(z: Any) -> Any:
    """The hyperbolic tangent. Its slope is 1 - a**2, from the result a.

    Args:
        z: numbers of any shape.

    Returns:
        An array in the shape of z, from -1 to 1.

    >>> tanh(np.array([0.0, 1000.0])).tolist()
    [0.0, 1.0]
    """
    return np.tanh(z)


def tanhshrink(z: Any) -> Any:
    """z - tanh(z).

    Args:
        z: numbers of any shape.

    Returns:
        An array in the shape of z.

    >>> tanhshrink(np.array([0.0, 1.0])).round(4).tolist()
    [0.0, 0.2384]
    """
    return z - np.tanh(z)


def softsign(z: Any) -> Any:
    """z / (1 + |z|).

    Args:
        z: numbers of any shape.

    Returns:
        An array in the shape of z, from -1 to 1.

    Source: Turian, Bergstra and Bengio, "Quadratic Features and Deep Architectures for Chunking"
    (2009).

    >>> softsign(np.array([-1.0, 3.0])).tolist()
    [-0.5, 0.75]
    """
    return z / (1 + np.abs(z))


def hardtanh(z: Any, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    """z, cut at two bounds. Its slope at a bound counts as 0.

    Args:
        z: numbers of any shape.
        min_val: the lower bound.
        max_val: the upper bound, above the lower one.

    Returns:
        An array in the shape of z.

    Raises:
        ArgumentError: RG601, bounds in the wrong order.

    Source: Collobert, Large Scale Machine Learning (2004).

    >>> hardtanh(np.array([-3.0, 0.5, 3.0])).tolist()
    [-1.0, 0.5, 1.0]
    """
    if min_val > max_val:
        raise ArgumentError("RG601", f"min_val {min_val} of hardtanh is above max_val {max_val}")
    return np.clip(z, min_val, max_val)


def hardsigmoid(z: Any) -> Any:
    """z / 6 + 1 / 2, cut at 0 and 1. Its slope at z = -3 and z = 3 counts as 0.

    Args:
        z: numbers of any shape.

    Returns:
        An array in the shape of z, from 0 to 1.

    Source: Howard et al., "Searching for MobileNetV3" (2019), section 5.2.

    >>> hardsigmoid(np.array([-9.0, 0.0, 9.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    return np.clip(z / 6 + 0.5, 0, 1)


def hardswish(z: Any) -> Any:
    """z * hardsigmoid(z). Its slope at z = -3 is 0, and at z = 3 it is 1.

    Args:
        z: numbers of any shape.

    Returns:
        An array in the shape of z.

    Source: Howard et al., "Searching for MobileNetV3" (2019), section 5.2.

    >>> hardswish(np.array([-9.0, 0.0, 9.0])).tolist()
    [-0.0, 0.0, 9.0]
    """
    return z * np.clip(z / 6 + 0.5, 0, 1)
