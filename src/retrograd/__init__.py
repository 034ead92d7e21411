"""retrograd: neural networks in NumPy whose backward pass you can read.

>>> import numpy as np
>>> import retrograd as rg
>>> step = rg.grad(lambda w, x: np.mean((x @ w) ** 2))
>>> print(step.source(np.ones(2), np.ones((3, 2))))  # doctest: +ELLIPSIS
import numpy as np
...
"""

from retrograd import layers, losses, optimizers
from retrograd.check import check_grads
from retrograd.errors import RetrogradError
from retrograd.gradient import grad, value_and_grad, vjp
from retrograd.jacobian import hessian, hvp, jacobian
from retrograd.ops.stop import stop_gradient
from retrograd.recorded import RecordedAtEveryCall
from retrograd.train import Trainer

_LAZY = {"explain": "retrograd.explanation"}  # what takes time to import, on first use


def __getattr__(name: str) -> object:
    if name in _LAZY:
        import importlib

        return getattr(importlib.import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'retrograd' has no attribute {name!r}")


__version__ = "0.1.0"

__all__ = [
    "RecordedAtEveryCall",
    "RetrogradError",
    "Trainer",
    "check_grads",
    "explain",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "layers",
    "losses",
    "optimizers",
    "stop_gradient",
    "value_and_grad",
    "vjp",
]
