"""Inverted dropout with given masks in columns; sigmoid output, binary cross-entropy."""

import numpy as np

KEEP = 0.8


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward_with_dropout(X, params, masks, keep):
    Z1 = np.dot(params["W1"], X) + params["b1"]
    A1 = np.maximum(0, Z1)
    A1 = A1 * masks["D1"] / keep
    Z2 = np.dot(params["W2"], A1) + params["b2"]
    A2 = np.tanh(Z2)
    A2 = A2 * masks["D2"] / keep
    Z3 = np.dot(params["W3"], A2) + params["b3"]
    return Z1, A1, Z2, A2, Z3, sigmoid(Z3)


def backward_with_dropout(X, Y, cache, params, masks, keep):
    Z1, A1, Z2, A2, Z3, A3 = cache
    m = X.shape[1]
    dZ3 = A3 - Y
    dW3 = 1.0 / m * np.dot(dZ3, A2.T)
    db3 = 1.0 / m * np.sum(dZ3, axis=1, keepdims=True)
    dA2 = np.dot(params["W3"].T, dZ3)
    dA2 = dA2 * masks["D2"] / keep
    dZ2 = dA2 * (1 - np.tanh(Z2) ** 2)
    dW2 = 1.0 / m * np.dot(dZ2, A1.T)
    db2 = 1.0 / m * np.sum(dZ2, axis=1, keepdims=True)
    dA1 = np.dot(params["W2"].T, dZ2)
    dA1 = dA1 * masks["D1"] / keep
    dZ1 = dA1 * (Z1 > 0)
    dW1 = 1.0 / m * np.dot(dZ1, X.T)
    db1 = 1.0 / m * np.sum(dZ1, axis=1, keepdims=True)
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2, "dW3": dW3, "db3": db3}


def make_inputs(seed):
    rng = np.random.default_rng(seed)
    sizes = [4, 7, 5, 1]
    made = {"X": rng.normal(size=(4, 11)), "Y": rng.integers(0, 2, (1, 11)).astype(float)}
    for l in range(1, 4):
        made[f"W{l}"] = rng.normal(size=(sizes[l], sizes[l - 1])) * 0.7
        made[f"b{l}"] = rng.normal(size=(sizes[l], 1)) * 0.3
    made["D1"] = (rng.random((7, 11)) < 0.8).astype(float)
    made["D2"] = (rng.random((5, 11)) < 0.8).astype(float)
    return made


def loss(inputs):
    A3 = forward_with_dropout(inputs["X"], inputs, inputs, KEEP)[-1]
    Y = inputs["Y"]
    return float(-np.mean(Y * np.log(A3) + (1 - Y) * np.log(1 - A3)))


def grads(inputs):
    cache = forward_with_dropout(inputs["X"], inputs, inputs, KEEP)
    return backward_with_dropout(inputs["X"], inputs["Y"], cache, inputs, inputs, KEEP)
