"""Layer objects with gradients that are added to, and an optimizer with momentum."""

import numpy as np


class Dense:
    def __init__(self, w, b):
        self.params = [w, b]
        self.grads = [np.zeros_like(w), np.zeros_like(b)]

    def forward(self, x):
        self.x = x
        return x @ self.params[0] + self.params[1]

    def backward(self, d):
        self.grads[0] += self.x.T @ d
        self.grads[1] += d.sum(axis=0)
        return d @ self.params[0].T

    def zero_grad(self):
        for g in self.grads:
            g[...] = 0


class ReLU:
    params, grads = [], []

    def forward(self, x):
        self.mask = x > 0
        return x * self.mask

    def backward(self, d):
        return d * self.mask

    def zero_grad(self):
        pass


class Momentum:
    def __init__(self, layers, lr=0.05, mu=0.9):
        self.layers, self.lr, self.mu = layers, lr, mu
        self.v = [[np.zeros_like(p) for p in layer.params] for layer in layers]

    def step(self):
        for layer, vs in zip(self.layers, self.v):
            for p, g, v in zip(layer.params, layer.grads, vs):
                v *= self.mu
                v -= self.lr * g
                p += v


net = opt = None


def build(inputs):
    global net, opt
    if net is None or net[0].params[0] is not inputs["W1"]:
        net = [Dense(inputs["W1"], inputs["b1"]), ReLU(), Dense(inputs["W2"], inputs["b2"])]
        opt = Momentum(net)


def run(x):
    for layer in net:
        x = layer.forward(x)
    return x


def he(n):
    return np.sqrt(2 / n)


def make_inputs(seed):
    r = np.random.RandomState(seed)
    return {
        "W1": r.randn(7, 9) * he(7),
        "b1": np.zeros(9),
        "W2": r.randn(9, 3) * he(9),
        "b2": np.zeros(3),
        "X": r.randn(10, 7),
        "target": r.randn(10, 3),
    }


def loss(inputs):
    x = np.maximum(inputs["X"] @ inputs["W1"] + inputs["b1"], 0) @ inputs["W2"] + inputs["b2"]
    return float(np.mean((x - inputs["target"]) ** 2))


def step(inputs):
    build(inputs)
    for layer in net:
        layer.zero_grad()
    out = run(inputs["X"])
    d = 2 * (out - inputs["target"]) / out.size
    for layer in reversed(net):
        d = layer.backward(d)
    opt.step()
