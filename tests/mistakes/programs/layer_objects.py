"""A list of layer objects, each with forward and backward; squared error."""

import numpy as np


class Linear:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, grad):
        self.dW = self.x.T @ grad
        self.db = grad.sum(axis=0)
        return grad @ self.W.T


class Sigmoid:
    def forward(self, z):
        self.a = 1 / (1 + np.exp(-z))
        return self.a

    def backward(self, grad):
        return grad * self.a * (1 - self.a)


class MeanSquaredError:
    def forward(self, prediction, target):
        self.difference = prediction - target
        return np.mean(self.difference**2)

    def backward(self):
        return 2 * self.difference / self.difference.size


def make_inputs(seed):
    rng = np.random.default_rng(seed)
    sizes = [3, 7, 5, 2]
    inputs = {"X": rng.normal(size=(8, 3)), "T": rng.uniform(size=(8, 2))}
    for n in (1, 2, 3):
        inputs[f"W{n}"] = rng.normal(size=(sizes[n - 1], sizes[n]))
        inputs[f"b{n}"] = rng.normal(size=sizes[n])
    return inputs


def build(inputs):
    layers = []
    for n in (1, 2, 3):
        layers += [Linear(inputs[f"W{n}"], inputs[f"b{n}"]), Sigmoid()]
    return layers, MeanSquaredError()


def forward(layers, x):
    for layer in layers:
        x = layer.forward(x)
    return x


def loss(inputs):
    layers, error = build(inputs)
    return float(error.forward(forward(layers, inputs["X"]), inputs["T"]))


def grads(inputs):
    layers, error = build(inputs)
    error.forward(forward(layers, inputs["X"]), inputs["T"])
    grad = error.backward()
    for layer in reversed(layers):
        grad = layer.backward(grad)
    linear = [layer for layer in layers if isinstance(layer, Linear)]
    found = {}
    for n, layer in enumerate(linear, 1):
        found[f"dW{n}"], found[f"db{n}"] = layer.dW, layer.db
    return found
