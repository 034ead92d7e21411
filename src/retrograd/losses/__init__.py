"""Losses: plain NumPy, with PyTorch's names and meanings. They have no backward pass.

Each takes `reduction` ("mean", "sum" or "none") and `sample_weight`.
"""

from retrograd.losses.binary_cross_entropy import binary_cross_entropy
from retrograd.losses.binary_cross_entropy_with_logits import binary_cross_entropy_with_logits
from retrograd.losses.cross_entropy import cross_entropy
from retrograd.losses.focal import focal
from retrograd.losses.gaussian_nll import gaussian_nll
from retrograd.losses.hinge import hinge
from retrograd.losses.huber import huber
from retrograd.losses.kl_div import kl_div
from retrograd.losses.mae import mae
from retrograd.losses.mse import mse
from retrograd.losses.multi_margin import multi_margin
from retrograd.losses.nll import nll
from retrograd.losses.poisson_nll import poisson_nll
from retrograd.losses.smooth_l1 import smooth_l1

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
