"""One attention head over a short sequence, then a regression."""

import numpy as np


def softmax(s):
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def forward(p):
    X = p["X"]
    Q, K, V = X @ p["Wq"], X @ p["Wk"], X @ p["Wv"]
    scale = 1.0 / np.sqrt(Q.shape[1])
    A = softmax(Q @ K.T * scale)
    C = A @ V
    return Q, K, V, scale, A, C, C @ p["Wo"]


def loss(inputs):
    return float(np.mean((forward(inputs)[-1] - inputs["Y"]) ** 2))


def grads(inputs):
    X = inputs["X"]
    Q, K, V, scale, A, C, out = forward(inputs)
    dout = 2 * (out - inputs["Y"]) / out.size
    dWo = C.T @ dout
    dC = dout @ inputs["Wo"].T
    dV = A.T @ dC
    dA = dC @ V.T
    dS = A * (dA - np.sum(dA * A, axis=-1, keepdims=True))
    dQ = dS @ K * scale
    dK = dS.T @ Q * scale
    return {"dWq": X.T @ dQ, "dWk": X.T @ dK, "dWv": X.T @ dV, "dWo": dWo}


def make_inputs(seed):
    rng = np.random.default_rng(seed)
    return {
        "X": rng.normal(size=(5, 4)),
        "Y": rng.normal(size=(5, 2)),
        "Wq": rng.normal(size=(4, 3)),
        "Wk": rng.normal(size=(4, 3)),
        "Wv": rng.normal(size=(4, 6)),
        "Wo": rng.normal(size=(6, 2)),
    }
