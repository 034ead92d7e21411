"""Losses: plain NumPy, one per file."""

from retrograd.losses.cross_entropy import cross_entropy
from retrograd.losses.mse import mse

__all__ = ["cross_entropy", "mse"]
