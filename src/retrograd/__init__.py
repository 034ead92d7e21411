"""retrograd: neural networks in NumPy whose backward pass you can read.

>>> import numpy as np
>>> import retrograd as rg
>>> step = rg.grad(lambda w, x: np.mean((x @ w) ** 2))
>>> print(step.source(np.ones(2), np.ones((3, 2))))  # doctest: +ELLIPSIS
import numpy as np
...
"""

from typing import TYPE_CHECKING

from retrograd.errors import LikelyMistake, RetrogradError

if TYPE_CHECKING:
    from retrograd import activations, layers, losses, optimizers
    from retrograd.check import check_grads
    from retrograd.compiled import compile_step
    from retrograd.diagnosis import Diagnosis, Finding, diagnose, diagnose_layer, diagnose_training
    from retrograd.explanation import explain
    from retrograd.gradient import grad, value_and_grad
    from retrograd.jacobians import hessian, hvp, jacobian
    from retrograd.ops.convolution import conv1d, conv2d
    from retrograd.ops.pooling import avg_pool1d, avg_pool2d, max_pool1d, max_pool2d
    from retrograd.ops.stop import stop_gradient
    from retrograd.pullback import vjp
    from retrograd.recorded import RecordedAtEveryCall
    from retrograd.train import Trainer

_ON_FIRST_USE = {  # where a name is; `import retrograd` itself takes no longer than NumPy
    "Diagnosis": "retrograd.diagnosis",
    "Finding": "retrograd.diagnosis",
    "RecordedAtEveryCall": "retrograd.recorded",
    "Trainer": "retrograd.train",
    "activations": "retrograd.activations",
    "avg_pool1d": "retrograd.ops.pooling",
    "avg_pool2d": "retrograd.ops.pooling",
    "check_grads": "retrograd.check",
    "compile_step": "retrograd.compiled",
    "conv1d": "retrograd.ops.convolution",
    "conv2d": "retrograd.ops.convolution",
    "diagnose": "retrograd.diagnosis",
    "diagnose_layer": "retrograd.diagnosis",
    "diagnose_training": "retrograd.diagnosis",
    "explain": "retrograd.explanation",
    "grad": "retrograd.gradient",
    "hessian": "retrograd.jacobians",
    "hvp": "retrograd.jacobians",
    "jacobian": "retrograd.jacobians",
    "layers": "retrograd.layers",
    "losses": "retrograd.losses",
    "max_pool1d": "retrograd.ops.pooling",
    "max_pool2d": "retrograd.ops.pooling",
    "optimizers": "retrograd.optimizers",
    "stop_gradient": "retrograd.ops.stop",
    "value_and_grad": "retrograd.gradient",
    "vjp": "retrograd.pullback",
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
    "Diagnosis",
    "Finding",
    "LikelyMistake",
    "RecordedAtEveryCall",
    "RetrogradError",
    "Trainer",
    "activations",
    "avg_pool1d",
    "avg_pool2d",
    "check_grads",
    "compile_step",
    "conv1d",
    "conv2d",
    "diagnose",
    "diagnose_layer",
    "diagnose_training",
    "explain",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "layers",
    "losses",
    "max_pool1d",
    "max_pool2d",
    "optimizers",
    "stop_gradient",
    "value_and_grad",
    "vjp",
]
