"""Optimizers: one algorithm per file, over one flat buffer of parameters."""

from retrograd.optimizers.adam import Adam
from retrograd.optimizers.optimizer import Optimizer
from retrograd.optimizers.sgd import SGD

__all__ = ["SGD", "Adam", "Optimizer"]
