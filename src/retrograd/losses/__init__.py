"""Losses: plain NumPy, with PyTorch's names and meanings. They have no backward pass.

Each takes `reduction` ("mean", "sum" or "none") and `sample_weight`.
"""

from retrograd.losses.binary_cross_entropy import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
)
from retrograd.losses.cross_entropy import cross_entropy, nll
from retrograd.losses.divergence import kl_div
from retrograd.losses.focal import focal
from retrograd.losses.hinge import hinge, multi_margin
from retrograd.losses.huber import huber, smooth_l1
from retrograd.losses.likelihood import gaussian_nll, poisson_nll
from retrograd.losses.mae import mae
from retrograd.losses.mse import mse

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "focal",
    "gaussian_nll",
    "hinge",
    "huber",
    "kl_div",
    "mae",
    "mse",
    "multi_margin",
    "nll",
    "poisson_nll",
    "smooth_l1",
]
