"""Global arrays and no functions but one: two sigmoid layers in a dozen lines."""

import numpy as np

syn0 = syn1 = X = y = None


def nonlin(x, deriv=False):
    if deriv:
        return x * (1 - x)
    return 1 / (1 + np.exp(-x))


def make_inputs(seed):
    rng = np.random.default_rng(seed)
    return {
        "X": np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], dtype=float),
        "y": np.array([[0], [1], [1], [0]], dtype=float),
        "syn0": 2 * rng.random((3, 4)) - 1,
        "syn1": 2 * rng.random((4, 1)) - 1,
    }


def load(inputs):
    global syn0, syn1, X, y
    syn0, syn1, X, y = inputs["syn0"], inputs["syn1"], inputs["X"], inputs["y"]


def loss(inputs):
    load(inputs)
    l1 = nonlin(np.dot(X, syn0))
    l2 = nonlin(np.dot(l1, syn1))
    return 0.5 * np.sum((y - l2) ** 2)


def grads(inputs):
    load(inputs)
    l0 = X
    l1 = nonlin(np.dot(l0, syn0))
    l2 = nonlin(np.dot(l1, syn1))
    l2_error = l2 - y
    l2_delta = l2_error * nonlin(l2, deriv=True)
    l1_error = l2_delta.dot(syn1.T)
    l1_delta = l1_error * nonlin(l1, deriv=True)
    return {"syn1": l1.T.dot(l2_delta), "syn0": l0.T.dot(l1_delta)}
