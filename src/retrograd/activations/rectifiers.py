"""Rectifiers: z where it is positive, and something smaller where it is not."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.errors import ArgumentError, ShapeError

_SELU_ALPHA = 1.6732632423543772
_SELU_SCALE = 1.0507009873554805


def relu(z: Any) -> Any:
    """max(z, 0). Its slope at 0 counts as 0.

    Args:
        z: numbers of any shape.

    Returns:
        An array in the shape of z, 0 or more.

    Source: Nair and Hinton, "Rectified Linear Units Improve Restricted Boltzmann Machines" (2010).

    >>> relu(np.array([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """
    return np.maximum(z, 0)


def relu6(z: Any) -> Any:
    """min(max(z, 0), 6). Its slope at 0 and at 6 counts as 0.

    Args:
        z: numbers of any shape.

    Returns:
        An array in the shape of z, from 0 to 6.

    Source: Krizhevsky, "Convolutional Deep Belief Networks on CIFAR-10" (2010).

    >>> relu6(np.array([-1.0, 2.0, 9.0])).tolist()
    [0.0, 2.0, 6.0]
    """
    return np.clip(z, 0, 6)


def leaky_relu(z: Any, negative_slope: float = 0.01) -> Any:
    """z where it is positive, else negative_slope * z. Its slope at 0 is negative_slope.

    Args:
        z: numbers of any shape.
        negative_slope: usually from 0 to 1.

    Returns:
        An array in the shape of z.

    Source: Maas, Hannun and Ng, "Rectifier Nonlinearities Improve Neural Network Acoustic Models"
    (2013).

    >>> leaky_relu(np.array([-1.0, 2.0])).tolist()
    [-0.01, 2.0]
    """
    return np.where(z > 0, z, negative_slope * z)


def prelu(z: Any, weight: Any) -> Any:
    """z where it is positive, else weight * z, a weight that is learned. Its slope at 0: weight.

    Args:
        z: numbers of any shape; channels are its second axis.
        weight: one number, or one for each channel, shape (C,).

    Returns:
        An array in the shape of z.

    Raises:
        ShapeError: RG107, as many weights as there are channels are needed, or one.

    Source: He et al., "Delving Deep into Rectifiers" (2015), eq. 1.

    >>> prelu(np.array([[-1.0, 2.0]]), np.array([0.5, 0.25])).tolist()
    [[-0.5, 2.0]]
    """
    if np.ndim(weight) > 1:
        raise ShapeError(
            "RG107", f"prelu takes one weight for each channel, not {np.shape(weight)}"
        )
    if np.ndim(weight) == 1 and len(weight) == 1:
        weight = weight[0]
    elif np.ndim(weight) == 1:
        if np.ndim(z) < 2 or np.shape(z)[1] != len(weight):
            raise ShapeError(
                "RG107",
                f"prelu has {len(weight)} weights, and z of shape {np.shape(z)} has "
                f"{np.shape(z)[1] if np.ndim(z) > 1 else 'no'} channels",
                help="one weight for all channels, or one for each",
            )
        weight = weight.reshape(-1, *(1,) * (np.ndim(z) - 2))
    return np.where(z > 0, z, weight * z)


def elu(z: Any, alpha: float = 1.0) -> Any:
    """z where it is positive, else alpha * (e**z - 1). Its slope at 0 is alpha.

    Args:
        z: numbers of any shape.
        alpha: what it tends to, negated, for z far below 0.

    Returns:
        An array in the shape of z, more than -alpha.

    Source: Clevert, Unterthiner and Hochreiter, "Fast and Accurate Deep Network Learning by
    Exponential Linear Units" (2015), eq. 15.

    >>> elu(np.array([-1000.0, 2.0])).tolist()
    [-1.0, 2.0]
    """
    return np.where(z > 0, z, alpha * np.expm1(np.where(z > 0, 0, z)))


def celu(z: Any, alpha: float = 1.0) -> Any:
    """z where it is positive, else alpha * (e**(z / alpha) - 1). Its slope at 0 is 1.

    Args:
        z: numbers of any shape.
        alpha: what it tends to, negated, for z far below 0; not 0.

    Returns:
        An array in the shape of z.

    Raises:
        ArgumentError: RG601, alpha is 0.

    Source: Barron, "Continuously Differentiable Exponential Linear Units" (2017), eq. 2.

    >>> celu(np.array([-1000.0, 2.0]), alpha=2.0).tolist()
    [-2.0, 2.0]
    """
    if alpha == 0:
        raise ArgumentError("RG601", "alpha of celu must not be 0: z is divided by it")
    return np.where(z > 0, z, alpha * np.expm1(np.where(z > 0, 0, z) / alpha))


def selu(z: Any) -> Any:
    """1.0507 * elu(z, 1.6733): mean 0 and variance 1 stay. Its slope at 0 is that from below.

    Args:
        z: numbers of any shape.

    Returns:
        An array in the shape of z.

    Source: Klambauer et al., "Self-Normalizing Neural Networks" (2017), eq. 2 and 14.

    >>> selu(np.array([0.0, 1.0])).round(4).tolist()
    [0.0, 1.0507]
    """
    return _SELU_SCALE * elu(z, _SELU_ALPHA)
