"""Batch normalization, its backward pass step by step, between two layers."""

import numpy as np


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    N = x.shape[0]
    mu = 1.0 / N * np.sum(x, axis=0)
    xmu = x - mu
    var = 1.0 / N * np.sum(xmu**2, axis=0)
    sqrtvar = np.sqrt(var + eps)
    ivar = 1.0 / sqrtvar
    xhat = xmu * ivar
    return gamma * xhat + beta, (xhat, gamma, xmu, ivar, sqrtvar)


def batchnorm_backward(dout, cache):
    xhat, gamma, xmu, ivar, sqrtvar = cache
    N = dout.shape[0]
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * xhat, axis=0)
    dxhat = dout * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1.0 / (sqrtvar**2) * divar
    dvar = 0.5 * ivar * dsqrtvar
    dsq = 1.0 / N * np.ones_like(dout) * dvar
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -1 * np.sum(dxmu1 + dxmu2, axis=0)
    dx2 = 1.0 / N * np.ones_like(dout) * dmu
    return dx1 + dx2, dgamma, dbeta


def run(p):
    a = p["x"].dot(p["W1"])
    n, cache = batchnorm_forward(a, p["gamma"], p["beta"])
    h = np.maximum(n, 0)
    out = h.dot(p["W2"]) + p["b2"]
    diff = out - p["t"]
    loss = 0.5 * np.mean(np.sum(diff**2, axis=1))
    dout = diff / len(diff)
    g = {"dW2": h.T.dot(dout), "db2": dout.sum(axis=0)}
    dn = dout.dot(p["W2"].T)
    dn[n <= 0] = 0
    da, g["dgamma"], g["dbeta"] = batchnorm_backward(dn, cache)
    g["dW1"] = p["x"].T.dot(da)
    return loss, g


def make_inputs(seed):
    rng = np.random.default_rng(seed)
    return {
        "x": rng.normal(size=(9, 4)),
        "t": rng.normal(size=(9, 3)),
        "W1": rng.normal(size=(4, 6)),
        "gamma": rng.uniform(0.5, 2.0, 6),
        "beta": rng.normal(size=6),
        "W2": rng.normal(size=(6, 3)),
        "b2": rng.normal(size=3),
    }


def loss(inputs):
    return float(run(inputs)[0])


def grads(inputs):
    return run(inputs)[1]
