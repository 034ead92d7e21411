"""A list of layers, leaky ReLU, a softmax layer with its Jacobian, a loss of probabilities."""

import numpy as np


class Dense:
    def __init__(self, w, b):
        self.w, self.b = w, b

    def forward(self, x):
        self.input = x
        return x @ self.w + self.b

    def backward(self, grad):
        self.dw = self.input.T @ grad
        self.db = grad.sum(axis=0)
        return grad @ self.w.T


class LeakyReLU:
    def __init__(self, alpha=0.1):
        self.alpha = alpha

    def forward(self, x):
        self.input = x
        return np.where(x > 0, x, self.alpha * x)

    def backward(self, grad):
        return grad * np.where(self.input > 0, 1.0, self.alpha)


class Softmax:
    def forward(self, x):
        e = np.exp(x - np.max(x, axis=1, keepdims=True))
        self.output = e / np.sum(e, axis=1, keepdims=True)
        return self.output

    def backward(self, grad):
        dinputs = np.empty_like(grad)
        for i, (s, g) in enumerate(zip(self.output, grad)):
            s = s.reshape(-1, 1)
            jacobian = np.diagflat(s) - np.dot(s, s.T)
            dinputs[i] = np.dot(jacobian, g)
        return dinputs


def layers_of(p):
    return [Dense(p["w1"], p["b1"]), LeakyReLU(), Dense(p["w2"], p["b2"]), Softmax()]


def predict(layers, x):
    for layer in layers:
        x = layer.forward(x)
    return x


def loss(inputs):
    p = predict(layers_of(inputs), inputs["x"])
    return float(-np.sum(inputs["y"] * np.log(p)) / len(p))


def grads(inputs):
    layers = layers_of(inputs)
    p = predict(layers, inputs["x"])
    grad = -inputs["y"] / p / len(p)
    for layer in reversed(layers):
        grad = layer.backward(grad)
    first, second = layers[0], layers[2]
    return {"dw1": first.dw, "db1": first.db, "dw2": second.dw, "db2": second.db}


def make_inputs(seed):
    rng = np.random.default_rng(seed)
    return {
        "x": rng.normal(size=(7, 4)),
        "y": np.eye(3)[rng.integers(0, 3, 7)],
        "w1": rng.normal(size=(4, 6)),
        "b1": rng.normal(size=6),
        "w2": rng.normal(size=(6, 3)),
        "b2": rng.normal(size=3),
    }
