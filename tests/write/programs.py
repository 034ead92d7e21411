"""Functions whose written text is kept in tests/cases/, with their arguments for any batch size."""

from __future__ import annotations

from typing import Any

import numpy as np

import retrograd as rg
from retrograd.layers import Dense, ReLU, Sequential, Tanh
from retrograd.losses import cross_entropy, mse


def softmax(z: Any) -> Any:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def loss(x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any) -> Any:
    z1 = x @ W1 + b1
    a1 = np.maximum(z1, 0)
    z2 = a1 @ W2 + b2
    p = softmax(z2)
    return -np.mean(np.sum(y * np.log(p), axis=1))


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def two_layers(n: int) -> list[Any]:
    g = rng()
    y = np.eye(10)[g.integers(0, 10, n)]
    x = g.normal(size=(n, 784))
    return [x, y, *(0.1 * g.normal(size=s) for s in ((784, 100), (100,), (100, 10), (10,)))]


W = rng().normal(size=(4, 3))


def integer_labels(x: Any, y: Any) -> Any:
    N = x.shape[0]
    p = softmax(x.dot(W))
    return -np.log(p[np.arange(N), y]).sum() / N


def rows_and_labels(n: int) -> list[Any]:
    g = rng()
    return [g.normal(size=(n, 4)), g.integers(0, 3, n)]


def tanh_network(params: Any, x: Any, y: Any) -> Any:
    h = x
    for W, b in params:
        h = np.tanh(h @ W + b)
    return ((h - y) ** 2).mean()


def list_of_pairs(n: int) -> list[Any]:
    g = rng()
    params = [(g.normal(size=(4, 5)), g.normal(size=5)), (g.normal(size=(5, 3)), g.normal(size=3))]
    return [params, g.normal(size=(n, 4)), g.normal(size=(n, 3))]


def attention(q: Any, k: Any, v: Any) -> Any:
    scores = q @ k.swapaxes(1, 2) / np.sqrt(k.shape[-1])
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = e / e.sum(axis=-1, keepdims=True)
    return np.sum((weights @ v) ** 2)


def three_arrays(n: int) -> list[Any]:
    g = rng()
    return [g.normal(size=(n, 4, 3)) for _ in range(3)]


def two_classes(w: Any, b: float, X: Any, t: Any, reg: float = 0.1) -> Any:
    m = len(X)
    y = 1 / (1 + np.exp(-(X @ w + b)))
    cost = -1 / m * np.sum(t * np.log(y) + (1 - t) * np.log(1 - y)) + reg * np.sum(w**2)
    return cost


def logistic(n: int) -> list[Any]:
    g = rng()
    return [g.normal(size=4), 0.5, g.normal(size=(n, 4)), (g.random(n) < 0.5).astype(float)]


def layer_norm(x: Any, gamma: Any, beta: Any) -> Any:
    mean = x.mean(axis=1, keepdims=True)
    centered = x - mean
    variance = (centered**2).mean(axis=1, keepdims=True)
    out = gamma * centered / np.sqrt(variance + 1e-5) + beta
    return np.sum(np.tanh(out) ** 2)


def normalized(n: int) -> list[Any]:
    g = rng()
    return [g.normal(size=(n, 5)), g.uniform(0.5, 2, 5), g.normal(size=5)]


def sequential() -> Any:
    model = Sequential(Dense(16), ReLU(), Dense(8), Tanh(), Dense(3))
    model.build(4, rng(), np.float64)

    def batch_loss(x: Any, y: Any) -> Any:
        return cross_entropy(model(x), y)

    return rg.value_and_grad(batch_loss, wrt=list(model.named_parameters()))


def regression() -> Any:
    model = Sequential(Dense(4), ReLU(), Dense(1))
    model.build(4, rng(), np.float64)
    return rg.value_and_grad(lambda x, y: mse(model(x), y), wrt=["W1", "b1", "W2", "b2"])


def targets(n: int) -> list[Any]:
    g = rng()
    return [g.normal(size=(n, 4)), g.normal(size=(n, 1))]


def recurrent(x: Any, target: Any, w: Any, v: Any) -> Any:
    N, T = x.shape
    S = np.zeros((N, T + 1))
    for k in range(T):
        S[:, k + 1] = np.tanh(x[:, k] * w + S[:, k] * v)
    return np.mean((S[:, -1] - target) ** 2)


def sequences(n: int) -> list[Any]:
    g = rng()
    return [g.normal(size=(n, 3)), g.normal(size=n), 0.5, -0.3]


NAMES = ["W1", "b1", "W2", "b2"]
# name: (gradient, arguments for a batch size)
PROGRAMS: dict[str, tuple[Any, Any]] = {
    "two_layers": (rg.value_and_grad(loss, wrt=NAMES), two_layers),
    "two_layers_not_rewritten": (rg.value_and_grad(loss, wrt=NAMES, rewrite=False), two_layers),
    "integer_labels": (rg.value_and_grad(integer_labels, wrt=["x", "W"]), rows_and_labels),
    "tanh_network": (rg.value_and_grad(tanh_network), list_of_pairs),
    "attention": (rg.grad(attention, wrt=[0, 1, 2]), three_arrays),
    "two_classes": (rg.value_and_grad(two_classes, wrt=["w", "b", "reg"]), logistic),
    "layer_norm": (rg.grad(layer_norm, wrt=["x", "gamma", "beta"]), normalized),
    "recurrent": (rg.value_and_grad(recurrent, wrt=["w", "v"]), sequences),
    "sequential": (sequential(), rows_and_labels),
    "regression": (regression(), targets),
}
