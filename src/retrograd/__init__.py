"""retrograd: neural networks in NumPy whose backward pass you can read.

>>> import numpy as np
>>> import retrograd as rg
>>> step = rg.grad(lambda w, x: np.mean((x @ w) ** 2))
>>> print(step.source(np.ones(2), np.ones((3, 2))))  # doctest: +ELLIPSIS
import numpy as np
...
"""

from typing import TYPE_CHECKING

from retrograd.errors import RetrogradError

if TYPE_CHECKING:
    from retrograd import layers, losses, optimizers
    from retrograd.check import check_grads
    from retrograd.explanation import explain
    from retrograd.gradient import grad, value_and_grad, vjp
    from retrograd.jacobians import hessian, hvp, jacobian
    from retrograd.ops.stop import stop_gradient
    from retrograd.recorded import RecordedAtEveryCall
    from retrograd.train import Trainer

_ON_FIRST_USE = {  # where a name is; `import retrograd` itself takes no longer than NumPy
    "RecordedAtEveryCall": "retrograd.recorded",
    "Trainer": "retrograd.train",
    "check_grads": "retrograd.check",
    "explain": "retrograd.explanation",
    "grad": "retrograd.gradient",
    "hessian": "retrograd.jacobians",
    "hvp": "retrograd.jacobians",
    "jacobian": "retrograd.jacobians",
    "layers": "retrograd.layers",
    "losses": "retrograd.losses",
    "optimizers": "retrograd.optimizers",
    "stop_gradient": "retrograd.ops.stop",
    "value_and_grad": "retrograd.gradient",
    "vjp": "retrograd.gradient",
}


def __getattr__(name: str) -> object:
    if name not in _ON_FIRST_USE:
        raise AttributeError(f"module 'retrograd' has no attribute {name!r}")
    from importlib import import_module

    module = import_module(_ON_FIRST_USE[name])
    found = getattr(module, name, module)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


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
