"""Adam as a class with lists, softmax regression with one hidden layer, rows."""

import numpy as np


class Adam:
    def __init__(self, lr=0.02, beta_1=0.8, beta_2=0.99):
        self.lr, self.beta_1, self.beta_2 = lr, beta_1, beta_2
        self.m, self.v, self.iterations = None, None, 0

    def apply(self, params, grads):
        if self.m is None:
            self.m = [np.zeros_like(p) for p in params]
            self.v = [np.zeros_like(p) for p in params]
        self.iterations += 1
        for i, (p, g) in enumerate(zip(params, grads)):
            self.m[i] += (1 - self.beta_1) * (g - self.m[i])
            self.v[i] += (1 - self.beta_2) * (g * g - self.v[i])
            m_hat = self.m[i] / (1 - self.beta_1**self.iterations)
            v_hat = self.v[i] / (1 - self.beta_2**self.iterations)
            p -= self.lr * m_hat / (np.sqrt(v_hat) + 1e-7)


optimizer = Adam()


def probabilities(z):
    z = z - z.max(1, keepdims=True)
    return np.exp(z) / np.exp(z).sum(1, keepdims=True)


def make_inputs(seed):
    rng = np.random.default_rng(seed + 40)
    labels = np.array([0, 1, 2, 0, 1, 2, 1, 0])
    return {
        "theta1": rng.normal(size=(6, 5)) / 2,
        "theta2": rng.normal(size=(5, 3)) / 2,
        "images": rng.random((8, 6)),
        "labels": labels,
    }


def targets(labels):
    return np.eye(3)[labels]


def loss(inputs):
    h = 1 / (1 + np.exp(-(inputs["images"] @ inputs["theta1"])))
    p = probabilities(h @ inputs["theta2"])
    return float(-np.mean(np.sum(targets(inputs["labels"]) * np.log(p), axis=1)))


def step(inputs):
    x, w1, w2 = inputs["images"], inputs["theta1"], inputs["theta2"]
    h = 1 / (1 + np.exp(-(x @ w1)))
    p = probabilities(h @ w2)
    d = (p - targets(inputs["labels"])) / len(x)
    g2 = h.T @ d
    g1 = x.T @ (d @ w2.T * h * (1 - h))
    optimizer.apply([w1, w2], [g1, g2])
