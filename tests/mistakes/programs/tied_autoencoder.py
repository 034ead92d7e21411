"""An autoencoder whose two layers share one matrix; sigmoid outputs, binary cross-entropy."""

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def codes(W, b, X):
    return np.tanh(X @ W + b)


def loss(inputs):
    X = inputs["X"]
    H = codes(inputs["W"], inputs["b"], X)
    R = sigmoid(H @ inputs["W"].T + inputs["c"])
    return float(-np.mean(np.sum(X * np.log(R) + (1 - X) * np.log(1 - R), axis=1)))


def grads(inputs):
    X, W = inputs["X"], inputs["W"]
    H = codes(W, inputs["b"], X)
    R = sigmoid(H @ W.T + inputs["c"])
    d_out = (R - X) / X.shape[0]
    dW = d_out.T @ H
    dc = d_out.sum(axis=0)
    d_hidden = (d_out @ W) * (1 - H * H)
    dW += X.T @ d_hidden
    db = d_hidden.sum(axis=0)
    return {"dW": dW, "db": db, "dc": dc}


def make_inputs(seed):
    rng = np.random.default_rng(seed)
    return {
        "W": rng.normal(size=(6, 4)) * 0.7,
        "b": rng.normal(size=4) * 0.3,
        "c": rng.normal(size=6) * 0.3,
        "X": rng.uniform(0.05, 0.95, size=(9, 6)),
    }
