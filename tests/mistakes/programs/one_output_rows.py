"""One tanh output for each row, dropout with a given mask, targets in one dimension."""

import numpy as np

DROP = 0.3


def share(drop):
    return 1 - drop


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward(p):
    z1 = p["X"] @ p["W1"] + p["b1"]
    a1 = sigmoid(z1) * p["kept"] / share(DROP)
    return z1, a1, np.tanh(a1 @ p["W2"] + p["b2"])


def column(y):
    return y.reshape(-1, 1)


def loss(inputs):
    _, _, a2 = forward(inputs)
    return float(np.mean((a2 - inputs["y"].reshape(-1, 1)) ** 2))


def grads(inputs):
    z1, a1, a2 = forward(inputs)
    delta = a2 - column(inputs["y"])
    delta = delta * 2 / len(delta)
    delta = delta * (1 - a2**2)
    hidden = delta @ inputs["W2"].T * inputs["kept"] / share(DROP)
    s = sigmoid(z1)
    d1 = hidden * s * (1 - s)
    return {
        "dW2": a1.T @ delta,
        "db2": delta.sum(axis=0),
        "dW1": inputs["X"].T @ d1,
        "db1": d1.sum(axis=0),
    }


def make_inputs(seed):
    rng = np.random.default_rng(seed + 2)
    return {
        "W1": rng.normal(size=(4, 8)),
        "b1": rng.normal(size=8),
        "W2": rng.normal(size=(8, 1)),
        "b2": rng.normal(size=1),
        "X": rng.normal(size=(6, 4)),
        "y": rng.uniform(-1, 1, 6),
        "kept": (rng.random((6, 8)) < 0.7).astype(float),
    }
