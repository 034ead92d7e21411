"""Adam with dictionaries of averages, as in the courses."""

import numpy as np

beta1, beta2, epsilon, learning_rate = 0.9, 0.999, 1e-8, 0.01
moments = {"t": 0, "m": {}, "v": {}}


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def predict(p, X):
    A1 = np.maximum(0.01 * (p["W1"] @ X + p["b1"]), p["W1"] @ X + p["b1"])
    return A1, sigmoid(p["W2"] @ A1 + p["b2"])


def gradients(p, X, Y):
    m = X.shape[1]
    A1, A2 = predict(p, X)
    dZ2 = A2 - Y
    dZ1 = p["W2"].T @ dZ2 * np.where(A1 > 0, 1, 0.01)
    return {
        "W1": dZ1 @ X.T / m,
        "b1": dZ1.sum(axis=1, keepdims=True) / m,
        "W2": dZ2 @ A1.T / m,
        "b2": dZ2.sum(axis=1, keepdims=True) / m,
    }


def update(parameters, grads):
    moments["t"] += 1
    t = moments["t"]
    m, v = moments["m"], moments["v"]
    for key, g in grads.items():
        m[key] = beta1 * m.get(key, 0) + (1 - beta1) * g
        v[key] = beta2 * v.get(key, 0) + (1 - beta2) * g**2
        m_corrected = m[key] / (1 - beta1**t)
        v_corrected = v[key] / (1 - beta2**t)
        parameters[key] = parameters[key] - learning_rate * m_corrected / (
            np.sqrt(v_corrected) + epsilon
        )
    return parameters


def make_inputs(seed):
    rng = np.random.default_rng(seed)
    return {
        "W1": rng.normal(size=(5, 4)) * 0.6,
        "b1": np.zeros((5, 1)),
        "W2": rng.normal(size=(1, 5)) * 0.6,
        "b2": np.zeros((1, 1)),
        "X": rng.uniform(0, 1, size=(4, 12)),
        "Y": rng.integers(0, 2, size=(1, 12)),
    }


def loss(inputs):
    A2 = predict(inputs, inputs["X"])[1]
    Y = inputs["Y"]
    return float(-np.mean(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)))


def step(inputs):
    own = {k: inputs[k] for k in ("W1", "b1", "W2", "b2")}
    return update(own, gradients(own, inputs["X"], inputs["Y"]))
