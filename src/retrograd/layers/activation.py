"""Activations as layers: ReLU, Tanh, Sigmoid, Softmax, and any other by its name."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd import activations
from retrograd.errors import ArgumentError
from retrograd.layers.layer import Layer
from retrograd.ops.sigmoid import sigmoid

_RECTIFIERS = (
    "celu",
    "elu",
    "gelu",
    "hardswish",
    "leaky_relu",
    "mish",
    "relu",
    "relu6",
    "selu",
    "silu",
)


class Activation(Layer):
    """a = function(z): any of `rg.activations`.

    Args:
        name: such as "gelu".
        settings: further arguments of the function, such as negative_slope=0.2.

    Raises:
        ArgumentError: RG601, a name that is none of them; prelu has a weight and is none either.

    >>> Activation("leaky_relu", negative_slope=0.5)(np.array([[-1.0, 2.0]])).tolist()
    [[-0.5, 2.0]]
    """

    def __init__(self, name: str, **settings: Any) -> None:
        if name not in activations.__all__ or name == "prelu":
            known = ", ".join(n for n in activations.__all__ if n != "prelu")
            raise ArgumentError("RG601", f"there is no activation {name!r}", help=f"one of {known}")
        self.name, self.settings = name, settings
        self.function = getattr(activations, name)
        self.bends = name in _RECTIFIERS

    def __call__(self, z: Any) -> Any:
        """For z of shape (N, ...)."""
        a = self.function(z, **self.settings)
        return a


class ReLU(Layer):
    """max(z, 0), elementwise. Its slope at 0 counts as 0.

    Source: Nair and Hinton, "Rectified Linear Units Improve Restricted Boltzmann Machines" (2010).

    >>> ReLU()(np.array([[-1.0, 2.0]])).tolist()
    [[0.0, 2.0]]
    """

    bends = True

    def __call__(self, z: Any) -> Any:
        """For z of any shape."""
        a = np.maximum(z, 0)
        return a


class Tanh(Layer):
    """The hyperbolic tangent, elementwise; between -1 and 1.

    >>> Tanh()(np.zeros((1, 2))).tolist()
    [[0.0, 0.0]]
    """

    bends = False

    def __call__(self, z: Any) -> Any:
        """For z of any shape."""
        a = np.tanh(z)
        return a


class Sigmoid(Layer):
    """1 / (1 + exp(-z)), elementwise; between 0 and 1.

    Computed as exp(-logaddexp(0, -z)), which is the same number and does not overflow.

    >>> Sigmoid()(np.array([[0.0, -1000.0]])).tolist()
    [[0.5, 0.0]]
    """

    bends = False

    def __call__(self, z: Any) -> Any:
        """For z of any shape."""
        a = sigmoid(z)
        return a


class Softmax(Layer):
    """exp(z) over its sum along each row: probabilities of classes.

    Not needed in front of `losses.cross_entropy`, which takes logits and does this itself.

    >>> Softmax()(np.array([[0.0, np.log(3.0)]])).round(3).tolist()
    [[0.25, 0.75]]
    """

    bends = False

    def __call__(self, z: Any) -> Any:
        """For z of shape (N, C); each row of the result sums to 1."""
        e = np.exp(z - z.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        return p
