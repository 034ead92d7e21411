"""A convolution and a max pooling in loops, then a dense layer; single images."""

import numpy as np


def conv_forward(image, kernels, bias):
    K, k, _ = kernels.shape
    H, W = image.shape[0] - k + 1, image.shape[1] - k + 1
    out = np.zeros((K, H, W))
    for f in range(K):
        for i in range(H):
            for j in range(W):
                out[f, i, j] = np.sum(image[i : i + k, j : j + k] * kernels[f]) + bias[f]
    return out


def conv_backward(dout, image, kernels):
    K, k, _ = kernels.shape
    dk = np.zeros_like(kernels)
    db = np.zeros(K)
    for f in range(K):
        for i in range(dout.shape[1]):
            for j in range(dout.shape[2]):
                dk[f] += image[i : i + k, j : j + k] * dout[f, i, j]
        db[f] = np.sum(dout[f])
    return dk, db


def pool_forward(x, size):
    K, H, W = x.shape
    out = np.zeros((K, H // size, W // size))
    for f in range(K):
        for i in range(H // size):
            for j in range(W // size):
                out[f, i, j] = np.max(x[f, i * size : (i + 1) * size, j * size : (j + 1) * size])
    return out


def pool_backward(dout, x, size):
    dx = np.zeros_like(x)
    for f in range(dout.shape[0]):
        for i in range(dout.shape[1]):
            for j in range(dout.shape[2]):
                rows = slice(i * size, (i + 1) * size)
                cols = slice(j * size, (j + 1) * size)
                window = x[f, rows, cols]
                mask = window == np.max(window)
                dx[f, rows, cols] += mask * dout[f, i, j]
    return dx


def forward(p):
    c = conv_forward(p["image"], p["kernels"], p["bias"])
    r = np.maximum(c, 0)
    m = pool_forward(r, 2)
    flat = m.reshape(-1)
    return c, r, m, flat, p["V"] @ flat


def loss(inputs):
    out = forward(inputs)[-1]
    return float(0.5 * np.sum((out - inputs["target"]) ** 2))


def grads(inputs):
    c, r, m, flat, out = forward(inputs)
    d = out - inputs["target"]
    dV = np.outer(d, flat)
    dm = (inputs["V"].T @ d).reshape(m.shape)
    dr = pool_backward(dm, r, 2)
    dc = dr * (c > 0)
    dk, db = conv_backward(dc, inputs["image"], inputs["kernels"])
    return {"dkernels": dk, "dbias": db, "dV": dV}


def make_inputs(seed):
    rng = np.random.default_rng(seed)
    return {
        "image": rng.normal(size=(6, 8)),
        "kernels": rng.normal(size=(2, 3, 3)),
        "bias": rng.normal(size=2),
        "V": rng.normal(size=(3, 12)),
        "target": rng.normal(size=3),
    }
