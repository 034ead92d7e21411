"""Activations: plain NumPy functions of arrays of any shape.

They have no backward pass: the library writes it, as it does for the user's own code.
"""

from retrograd.activations.bounded import (
    hardsigmoid,
    hardswish,
    hardtanh,
    logsigmoid,
    sigmoid,
    softsign,
    tanh,
    tanhshrink,
)
from retrograd.activations.rectifiers import (
    celu,
    elu,
    leaky_relu,
    prelu,
    relu,
    relu6,
    selu,
)
from retrograd.activations.shares import glu, log_softmax, softmax, softmin
from retrograd.activations.smooth import gelu, mish, silu, softplus

__all__ = [
    "celu",
    "elu",
    "gelu",
    "glu",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "leaky_relu",
    "log_softmax",
    "logsigmoid",
    "mish",
    "prelu",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softmin",
    "softplus",
    "softsign",
    "tanh",
    "tanhshrink",
]
