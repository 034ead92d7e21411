"""Columns, a softmax layer with a loop over its Jacobian, squared error on probabilities."""

import numpy as np


class SoftmaxLayer:
    def forward(self, z):
        e = np.exp(z - np.max(z, axis=0, keepdims=True))
        self.output = e / np.sum(e, axis=0, keepdims=True)
        return self.output

    def backward(self, output_gradient):
        classes, m = self.output.shape
        grad = np.zeros((classes, m))
        for k in range(m):
            for i in range(classes):
                for j in range(classes):
                    jac = self.output[i, k] * ((i == j) - self.output[j, k])
                    grad[i, k] += jac * output_gradient[j, k]
        return grad


class Dense:
    def __init__(self, w, b):
        self.w, self.b = w, b

    def forward(self, x):
        self.x = x
        return np.dot(self.w, x) + self.b

    def backward(self, g):
        self.dw = np.dot(g, self.x.T)
        self.db = np.sum(g, axis=1, keepdims=True)
        return np.dot(self.w.T, g)


class Sigmoid:
    def forward(self, z):
        self.s = 1 / (1 + np.exp(-z))
        return self.s

    def backward(self, g):
        return g * self.s * (1 - self.s)


def decoded(labels):
    return labels


def targets(labels, classes):
    return (decoded(labels) == np.arange(classes)[:, None]).astype(float)


def make_inputs(seed):
    rng = np.random.default_rng(seed + 7)
    return {
        "w1": rng.normal(size=(6, 3)),
        "b1": rng.normal(size=(6, 1)),
        "w2": rng.normal(size=(4, 6)),
        "b2": rng.normal(size=(4, 1)),
        "x": rng.normal(size=(3, 5)),
        "labels": np.array([3, 0, 1, 2, 1]),
    }


def build(i):
    return [Dense(i["w1"], i["b1"]), Sigmoid(), Dense(i["w2"], i["b2"]), SoftmaxLayer()]


def run(layers, x):
    for layer in layers:
        x = layer.forward(x)
    return x


def loss(inputs):
    p = run(build(inputs), inputs["x"])
    return float(np.sum((p - targets(inputs["labels"], 4)) ** 2) / p.shape[1])


def grads(inputs):
    layers = build(inputs)
    p = run(layers, inputs["x"])
    g = 2 * (p - targets(inputs["labels"], 4)) / p.shape[1]
    for layer in reversed(layers):
        g = layer.backward(g)
    first, second = layers[0], layers[2]
    return {"dw1": first.dw, "db1": first.db, "dw2": second.dw, "db2": second.db}
