"""Layers: plain NumPy, one per file. Rows are examples.

A layer is an object with arrays and a call. It has no backward pass: the library writes it.
"""

from retrograd.layers.activation import ReLU, Sigmoid, Softmax, Tanh
from retrograd.layers.dense import Dense
from retrograd.layers.layer import Layer
from retrograd.layers.sequential import Sequential

__all__ = ["Dense", "Layer", "ReLU", "Sequential", "Sigmoid", "Softmax", "Tanh"]
