"""retrograd: neural networks in NumPy whose backward pass you can read."""

from retrograd.errors import RetrogradError
from retrograd.gradient import grad, value_and_grad, vjp
from retrograd.ops.stop import stop_gradient

__version__ = "0.1.0"

__all__ = ["RetrogradError", "grad", "stop_gradient", "value_and_grad", "vjp"]
