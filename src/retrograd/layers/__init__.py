"""Layers: plain NumPy. Rows are examples; images are (N, channels, height, width).

A layer is an object with arrays and a call. It has no backward pass: the library writes it.
"""

from retrograd.layers.activation import Activation, ReLU, Sigmoid, Softmax, Tanh
from retrograd.layers.convolution import AvgPool2D, Conv2D, MaxPool2D
from retrograd.layers.dense import Dense
from retrograd.layers.dropout import Dropout
from retrograd.layers.embedding import Embedding
from retrograd.layers.flatten import Flatten
from retrograd.layers.layer import Layer
from retrograd.layers.normalization import BatchNorm, GroupNorm, LayerNorm, RMSNorm
from retrograd.layers.rescale import Rescale
from retrograd.layers.residual import Residual
from retrograd.layers.sequential import Sequential

__all__ = [
    "Activation",
    "AvgPool2D",
    "BatchNorm",
    "Conv2D",
    "Dense",
    "Dropout",
    "Embedding",
    "Flatten",
    "GroupNorm",
    "Layer",
    "LayerNorm",
    "MaxPool2D",
    "RMSNorm",
    "ReLU",
    "Rescale",
    "Residual",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Tanh",
]
