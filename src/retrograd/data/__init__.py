"""Data sets and their readers."""

from retrograd.data.dataset import Dataset
from retrograd.data.digits import load_digits
from retrograd.data.mnist import load_mnist

__all__ = ["Dataset", "load_digits", "load_mnist"]
