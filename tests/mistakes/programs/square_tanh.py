"""Everything has the same size: a regression with two tanh layers, mean over all entries."""

import numpy as np

N = D = H = 5


def tanh_prime(a):
    return 1 - a**2


def forward(p):
    a1 = np.tanh(p["X"].dot(p["W1"]) + p["b1"])
    a2 = np.tanh(a1.dot(p["W2"]) + p["b2"])
    return a1, a2


def loss(inputs):
    _, a2 = forward(inputs)
    return np.mean((a2 - inputs["Y"]) ** 2)


def grads(inputs):
    a1, a2 = forward(inputs)
    error = 2 * (a2 - inputs["Y"]) / a2.size
    delta2 = error * tanh_prime(a2)
    dW2 = a1.T.dot(delta2)
    db2 = delta2.sum(axis=0)
    delta1 = delta2.dot(inputs["W2"].T) * tanh_prime(a1)
    dW1 = inputs["X"].T.dot(delta1)
    db1 = delta1.sum(axis=0)
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


def make_inputs(seed):
    rng = np.random.default_rng(seed)
    shape = (N, D)
    return {
        "X": rng.normal(size=shape),
        "Y": rng.normal(size=shape),
        "W1": rng.normal(size=(D, H)),
        "W2": rng.normal(size=(H, D)),
        "b1": rng.normal(size=H),
        "b2": rng.normal(size=D),
    }
