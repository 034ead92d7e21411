"""An Elman network over one sequence: hidden states in a dict, softmax at each step, columns."""

import numpy as np


def lossFun(inputs, targets, Wxh, Whh, Why, bh, by):  # noqa: N802
    xs, hs, ys, ps = {}, {}, {}, {}
    hs[-1] = np.zeros((Whh.shape[0], 1))
    loss = 0
    for t in range(len(inputs)):
        xs[t] = np.zeros((Wxh.shape[1], 1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(np.dot(Wxh, xs[t]) + np.dot(Whh, hs[t - 1]) + bh)
        ys[t] = np.dot(Why, hs[t]) + by
        ps[t] = np.exp(ys[t]) / np.sum(np.exp(ys[t]))
        loss += -np.log(ps[t][targets[t], 0])
    dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
    dbh, dby = np.zeros_like(bh), np.zeros_like(by)
    dhnext = np.zeros_like(hs[0])
    for t in reversed(range(len(inputs))):
        dy = np.copy(ps[t])
        dy[targets[t]] -= 1
        dWhy += np.dot(dy, hs[t].T)
        dby += dy
        dh = np.dot(Why.T, dy) + dhnext
        dhraw = (1 - hs[t] * hs[t]) * dh
        dbh += dhraw
        dWxh += np.dot(dhraw, xs[t].T)
        dWhh += np.dot(dhraw, hs[t - 1].T)
        dhnext = np.dot(Whh.T, dhraw)
    return loss, {"dWxh": dWxh, "dWhh": dWhh, "dWhy": dWhy, "dbh": dbh, "dby": dby}


def make_inputs(seed):
    rng = np.random.default_rng(seed)
    return {
        "inputs": rng.integers(0, 5, 6),
        "targets": rng.integers(0, 5, 6),
        "Wxh": rng.normal(size=(4, 5)) * 0.5,
        "Whh": rng.normal(size=(4, 4)) * 0.5,
        "Why": rng.normal(size=(5, 4)) * 0.5,
        "bh": rng.normal(size=(4, 1)) * 0.3,
        "by": rng.normal(size=(5, 1)) * 0.3,
    }


def loss(inputs):
    return lossFun(**inputs)[0]


def grads(inputs):
    return lossFun(**inputs)[1]
