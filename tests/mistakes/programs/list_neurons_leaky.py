"""Loops over neurons and examples with plain lists; the slope in the innermost loop; a penalty."""

import numpy as np

LAMBDA = 0.3


def leaky(z):
    return z if z > 0 else 0.1 * z


def slope(z):
    return 1.0 if z > 0 else 0.1


def forward(x, w1, w2):
    s = [sum(w * v for w, v in zip(row, x)) for row in w1]
    h = [leaky(v) for v in s]
    return s, h, sum(w * v for w, v in zip(w2, h))


def unpacked(inputs):
    return [inputs[k].tolist() for k in ("X", "t", "w1", "w2")]


def loss(inputs):
    X, t, w1, w2 = unpacked(inputs)
    error = sum((forward(x, w1, w2)[2] - goal) ** 2 for x, goal in zip(X, t)) / len(t)
    return error + 0.5 * LAMBDA * sum(w**2 for w in w2[1:])


def grads(inputs):
    X, t, w1, w2 = unpacked(inputs)
    g1 = [[0.0] * len(row) for row in w1]
    g2 = [0.0] * len(w2)
    for x, goal in zip(X, t):
        s, h, out = forward(x, w1, w2)
        d = 2 * (out - goal) / len(t)
        for j in range(len(w2)):
            g2[j] += d * h[j]
            for i in range(len(x)):
                g1[j][i] += d * w2[j] * slope(s[j]) * x[i]
    for j in range(1, len(w2)):
        g2[j] += LAMBDA * w2[j]
    return {"dw1": np.array(g1), "dw2": np.array(g2)}


def make_inputs(seed):
    r = np.random.default_rng(seed)
    return {
        "w1": r.normal(size=(4, 3)),
        "w2": r.normal(size=4),
        "X": r.normal(size=(6, 3)),
        "t": r.normal(size=6),
    }
