"""An LSTM over a short batch of sequences, its gates in one matrix; a regression on the last."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def step_forward(x, h, c, Wx, Wh, b):
    H = h.shape[1]
    a = x.dot(Wx) + h.dot(Wh) + b
    i, f = sigmoid(a[:, :H]), sigmoid(a[:, H : 2 * H])
    o, g = sigmoid(a[:, 2 * H : 3 * H]), np.tanh(a[:, 3 * H :])
    next_c = f * c + i * g
    tc = np.tanh(next_c)
    return o * tc, next_c, (x, h, c, i, f, o, g, tc)


def step_backward(dh, dc, cache, Wx, Wh):
    x, h, c, i, f, o, g, tc = cache
    do = dh * tc
    dc = dc + dh * o * (1 - tc**2)
    df = dc * c
    di = dc * g
    dg = dc * i
    da = np.hstack([di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g**2)])
    dWx = x.T.dot(da)
    dWh = h.T.dot(da)
    db = da.sum(axis=0)
    return da.dot(Wh.T), dc * f, dWx, dWh, db


def network(X, y, Wx, Wh, b, Wy):
    N, T, _ = X.shape
    H = Wh.shape[0]
    h, c, caches = np.zeros((N, H)), np.zeros((N, H)), []
    for t in range(T):
        h, c, cache = step_forward(X[:, t], h, c, Wx, Wh, b)
        caches.append(cache)
    error = h.dot(Wy) - y
    loss = 0.5 * np.sum(error**2) / N
    dout = error / N
    dWy = h.T.dot(dout)
    dh, dc = dout.dot(Wy.T), np.zeros((N, H))
    dWx, dWh, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)
    for t in reversed(range(T)):
        dh, dc, dWx_t, dWh_t, db_t = step_backward(dh, dc, caches[t], Wx, Wh)
        dWx += dWx_t
        dWh += dWh_t
        db += db_t
    return loss, {"dWx": dWx, "dWh": dWh, "db": db, "dWy": dWy}


def make_inputs(seed):
    rng = np.random.default_rng(seed)
    return {
        "X": rng.normal(size=(5, 3, 2)),
        "y": rng.normal(size=(5, 2)),
        "Wx": rng.normal(size=(2, 16)) * 0.6,
        "Wh": rng.normal(size=(4, 16)) * 0.6,
        "b": rng.normal(size=16) * 0.3,
        "Wy": rng.normal(size=(4, 2)) * 0.6,
    }


def loss(inputs):
    return float(network(**inputs)[0])


def grads(inputs):
    return network(**inputs)[1]
