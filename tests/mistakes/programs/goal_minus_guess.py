"""Errors as goal - guess, added to the weights: two signs that cancel."""

import numpy as np


def nonlin(x, deriv=False):
    if deriv:
        return x * (1 - x)
    return 1 / (1 + np.exp(-x))


def forward(syn0, syn1, X):
    l1 = nonlin(np.dot(X, syn0))
    return l1, nonlin(np.dot(l1, syn1))


def loss(inputs):
    _, l2 = forward(inputs["syn0"], inputs["syn1"], inputs["X"])
    return float(0.5 * ((inputs["y"] - l2) ** 2).sum())


def grads(inputs):
    syn0, syn1, X, y = (inputs[n] for n in ("syn0", "syn1", "X", "y"))
    l1, l2 = forward(syn0, syn1, X)
    l2_error = y - l2
    l2_delta = l2_error * nonlin(l2, deriv=True)
    l1_error = l2_delta.dot(syn1.T)
    l1_delta = l1_error * nonlin(l1, deriv=True)
    step1 = l1.T.dot(l2_delta)
    step0 = X.T.dot(l1_delta)
    return {"dsyn0": -step0, "dsyn1": -step1}


def make_inputs(seed):
    rng = np.random.default_rng(seed)
    return {
        "syn0": 2 * rng.random((3, 4)) - 1,
        "syn1": 2 * rng.random((4, 2)) - 1,
        "X": rng.random((6, 3)),
        "y": rng.random((6, 2)),
    }
