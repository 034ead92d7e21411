"""Optimizers: one algorithm per file, over one flat buffer of parameters; and schedules.

Each is what PyTorch's of that name is: the same gradients give the same parameters.
"""

from retrograd.optimizers import schedules
from retrograd.optimizers.adadelta import Adadelta
from retrograd.optimizers.adagrad import Adagrad
from retrograd.optimizers.adam import Adam
from retrograd.optimizers.adamax import Adamax
from retrograd.optimizers.adamw import AdamW
from retrograd.optimizers.nadam import NAdam
from retrograd.optimizers.optimizer import Optimizer
from retrograd.optimizers.radam import RAdam
from retrograd.optimizers.rmsprop import RMSprop
from retrograd.optimizers.rprop import Rprop
from retrograd.optimizers.sgd import SGD

__all__ = [
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "NAdam",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "Rprop",
    "schedules",
]
