"""Examples in columns, parameters and caches in dicts, a sigmoid at the end."""

import numpy as np


def sigmoid(Z):
    return 1 / (1 + np.exp(-Z))


def relu(Z):
    return np.maximum(0, Z)


def linear_activation_forward(A_prev, W, b, activation):
    Z = np.dot(W, A_prev) + b
    A = sigmoid(Z) if activation == "sigmoid" else relu(Z)
    return A, {"A_prev": A_prev, "W": W, "Z": Z}


def forward(X, parameters):
    A1, cache1 = linear_activation_forward(X, parameters["W1"], parameters["b1"], "relu")
    A2, cache2 = linear_activation_forward(A1, parameters["W2"], parameters["b2"], "relu")
    A3, cache3 = linear_activation_forward(A2, parameters["W3"], parameters["b3"], "sigmoid")
    return A3, (cache1, cache2, cache3)


def linear_backward(dZ, cache):
    m = dZ.shape[1]
    dW = np.dot(dZ, cache["A_prev"].T) / m
    db = np.sum(dZ, axis=1, keepdims=True) / m
    dA_prev = np.dot(cache["W"].T, dZ)
    return dA_prev, dW, db


def relu_backward(dA, Z):
    dZ = np.array(dA, copy=True)
    dZ[Z <= 0] = 0
    return dZ


def sigmoid_backward(dA, Z):
    s = sigmoid(Z)
    return dA * s * (1 - s)


def make_inputs(seed):
    rng = np.random.default_rng(seed)
    sizes = [5, 6, 4, 1]
    inputs = {"X": rng.normal(size=(5, 9)), "Y": rng.integers(0, 2, (1, 9)).astype(float)}
    for n in (1, 2, 3):
        inputs[f"W{n}"] = rng.normal(size=(sizes[n], sizes[n - 1]))
        inputs[f"b{n}"] = rng.normal(size=(sizes[n], 1))
    return inputs


def loss(inputs):
    A3, _ = forward(inputs["X"], inputs)
    Y = inputs["Y"]
    m = Y.shape[1]
    cost = -np.sum(Y * np.log(A3) + (1 - Y) * np.log(1 - A3)) / m
    return np.squeeze(cost)


def grads(inputs):
    A3, (cache1, cache2, cache3) = forward(inputs["X"], inputs)
    Y = inputs["Y"]
    dA3 = -(Y / A3) + (1 - Y) / (1 - A3)
    dZ3 = sigmoid_backward(dA3, cache3["Z"])
    dA2, dW3, db3 = linear_backward(dZ3, cache3)
    dZ2 = relu_backward(dA2, cache2["Z"])
    dA1, dW2, db2 = linear_backward(dZ2, cache2)
    dZ1 = relu_backward(dA1, cache1["Z"])
    _, dW1, db1 = linear_backward(dZ1, cache1)
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2, "dW3": dW3, "db3": db3}
