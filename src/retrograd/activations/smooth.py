"""Smooth relatives of ReLU: softplus, SiLU, Mish, GELU."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from retrograd.errors import ArgumentError
from retrograd.ops.error_function import erfc
from retrograd.ops.sigmoid import sigmoid


def softplus(z: Any, beta: float = 1.0, threshold: float | None = None) -> Any:
    """log(1 + e**(beta * z)) / beta, without overflow. Its slope is sigmoid(beta * z).

    Args:
        z: numbers of any shape.
        beta: how sharp the bend is, not 0.
        threshold: where beta * z is above it, z itself; PyTorch has 20. None, the default, needs
            none: the formula is exact over the whole range.

    Returns:
        An array in the shape of z, 0 or more for a positive beta.

    Raises:
        ArgumentError: RG601, beta is 0.

    Source: Dugas et al., "Incorporating Second-Order Functional Knowledge for Better Option
    Pricing" (2000), eq. 2.

    >>> softplus(np.array([-1000.0, 0.0, 1000.0])).round(4).tolist()
    [0.0, 0.6931, 1000.0]
    """
    if beta == 0:
        raise ArgumentError("RG601", "beta of softplus must not be 0: it is divided by")
    a = np.logaddexp(0, beta * z) / beta
    return a if threshold is None else np.where(beta * z > threshold, z, a)


def silu(z: Any) -> Any:
    """z * sigmoid(z), also called swish.

    Args:
        z: numbers of any shape.

    Returns:
        An array in the shape of z, more than -0.279.

    Source: Elfwing, Uchibe and Doya, "Sigmoid-Weighted Linear Units" (2017), eq. 2.

    >>> silu(np.array([-1000.0, 1.0])).round(4).tolist()
    [-0.0, 0.7311]
    """
    return z * sigmoid(z)


def mish(z: Any) -> Any:
    """z * tanh(softplus(z)).

    Args:
        z: numbers of any shape.

    Returns:
        An array in the shape of z, more than -0.309.

    Source: Misra, "Mish: A Self Regularized Non-Monotonic Activation Function" (2019).

    >>> mish(np.array([-1000.0, 1.0])).round(4).tolist()
    [-0.0, 0.8651]
    """
    return z * np.tanh(np.logaddexp(0, z))


def gelu(z: Any, approximate: str = "none") -> Any:
    """z * P(X <= z) for a standard normal X: z / 2 * erfc(-z / sqrt(2)).

    Args:
        z: numbers of any shape.
        approximate: "none", or "tanh" for the formula with tanh, which is off by up to 0.0005.

    Returns:
        An array in the shape of z, more than -0.17.

    Raises:
        ArgumentError: RG601, another word.

    Source: Hendrycks and Gimpel, "Gaussian Error Linear Units" (2016), section 2.

    >>> gelu(np.array([-1000.0, 1.0])).round(4).tolist()
    [-0.0, 0.8413]
    """
    if approximate not in ("none", "tanh"):
        raise ArgumentError("RG601", f"approximate must be 'none' or 'tanh', not {approximate!r}")
    if approximate == "tanh":
        near = np.clip(z, -16, 16)  # beyond, tanh is -1 or 1 to the last digit
        return 0.5 * z * (1 + np.tanh(math.sqrt(2 / math.pi) * (near + 0.044715 * near**3)))
    near = np.clip(z, -40, 40)  # beyond, erfc is 0 or 2 to the last digit
    return 0.5 * z * erfc(-math.sqrt(0.5) * near)
