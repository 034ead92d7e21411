"""A classifier of nested lists: helpers for matrices, ReLU, softmax of each row, no NumPy."""

import math

import numpy as np


def times(a, b):
    return [[sum(x * y for x, y in zip(row, col)) for col in zip(*b)] for row in a]


def turned(a):
    return [list(col) for col in zip(*a)]


def plus(a, b):
    return [[v + w for v, w in zip(row, b)] for row in a]


def softmax(rows):
    found = []
    for row in rows:
        top = max(row)
        e = [math.exp(v - top) for v in row]
        found.append([v / sum(e) for v in e])
    return found


class Classifier:
    def __init__(self, w1, b1, w2, b2):
        self.w1, self.b1, self.w2, self.b2 = w1, b1, w2, b2

    def forward(self, x):
        self.x = x
        self.z = plus(times(x, self.w1), self.b1)
        self.h = [[v if v > 0 else 0.0 for v in row] for row in self.z]
        self.p = softmax(plus(times(self.h, self.w2), self.b2))

    def cost(self, y):
        return -sum(math.log(p[c]) for p, c in zip(self.p, y)) / len(y)

    def backward(self, y):
        n = len(y)
        d2 = [[(p - (k == c)) / n for k, p in enumerate(row)] for row, c in zip(self.p, y)]
        back = times(d2, turned(self.w2))
        d1 = [[g if v > 0 else 0.0 for g, v in zip(gs, vs)] for gs, vs in zip(back, self.z)]
        return {
            "dw1": times(turned(self.x), d1),
            "db1": [sum(col) for col in zip(*d1)],
            "dw2": times(turned(self.h), d2),
            "db2": [sum(col) for col in zip(*d2)],
        }


def run(inputs):
    net = Classifier(*(inputs[k].tolist() for k in ("w1", "b1", "w2", "b2")))
    net.forward(inputs["x"].tolist())
    return net


def loss(inputs):
    return run(inputs).cost(inputs["y"].tolist())


def grads(inputs):
    found = run(inputs).backward(inputs["y"].tolist())
    return {name: np.array(g) for name, g in found.items()}


def make_inputs(seed):
    r = np.random.default_rng(seed)
    return {
        "w1": r.normal(size=(3, 5)),
        "b1": 0.3 * r.normal(size=5),
        "w2": r.normal(size=(5, 4)),
        "b2": 0.3 * r.normal(size=4),
        "x": r.normal(size=(6, 3)),
        "y": r.integers(0, 4, 6),
    }
