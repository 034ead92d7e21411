"""One example at a time, a class with buffers, a softmax with its Jacobian."""

import numpy as np


class Network:
    def __init__(self, w1, b1, w2, b2):
        self.w1, self.b1, self.w2, self.b2 = w1, b1, w2, b2
        self.zero_grad()

    def zero_grad(self):
        self.dw1 = np.zeros_like(self.w1)
        self.db1 = np.zeros_like(self.b1)
        self.dw2 = np.zeros_like(self.w2)
        self.db2 = np.zeros_like(self.b2)

    def forward(self, x):
        self.x = x
        self.z1 = self.w1.dot(x) + self.b1
        self.h = np.tanh(self.z1)
        self.z2 = self.w2.dot(self.h) + self.b2
        e = np.exp(self.z2 - self.z2.max())
        self.p = e / e.sum()
        return self.p

    def backward(self, label):
        dp = np.zeros(len(self.p))
        dp[label] = -1 / self.p[label]
        jacobian = np.diag(self.p) - np.outer(self.p, self.p)
        dz2 = jacobian.dot(dp)
        self.dw2 += np.outer(dz2, self.h)
        self.db2 += dz2
        dh = self.w2.T.dot(dz2)
        dz1 = dh * (1 - self.h**2)
        self.dw1 += np.outer(dz1, self.x)
        self.db1 += dz1


def make_inputs(seed):
    rng = np.random.default_rng(seed)
    return {
        "w1": rng.normal(size=(6, 4)),
        "b1": rng.normal(size=6),
        "w2": rng.normal(size=(3, 6)),
        "b2": rng.normal(size=3),
        "X": rng.normal(size=(5, 4)),
        "labels": np.array([0, 2, 1, 2, 0]),
    }


def network(inputs):
    return Network(inputs["w1"], inputs["b1"], inputs["w2"], inputs["b2"])


def loss(inputs):
    net = network(inputs)
    total = 0.0
    for x, label in zip(inputs["X"], inputs["labels"], strict=True):
        total += -np.log(net.forward(x)[label])
    return float(total)


def grads(inputs):
    net = network(inputs)
    for x, label in zip(inputs["X"], inputs["labels"], strict=True):
        net.forward(x)
        net.backward(label)
    return {"dw1": net.dw1, "db1": net.db1, "dw2": net.dw2, "db2": net.db2}
