"""What people write, item by item: the list behind docs/accepted.md, run by test_accepted.

Each function gets the arrays of its parameters' names; its gradient is compared with differences.
"""

from __future__ import annotations

import copy
import functools
import inspect
import math
from collections import defaultdict, namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import scipy.special
from scipy.special import expit

_rng = np.random.default_rng(3)
ARRAYS: dict[str, Any] = {
    "x": _rng.normal(size=3),
    "y": _rng.uniform(0.5, 2.0, size=3),
    "X": _rng.normal(size=(4, 3)),
    "W": _rng.normal(size=(3, 2)),
    "b": _rng.normal(size=2),
    "Z": _rng.normal(size=(4, 3)),
    "S": _rng.normal(size=(3, 3)),
    "s": 0.7,
    "labels": np.array([2, 0, 1, 2]),
}


class Item(NamedTuple):
    """One row of the table."""

    group: str
    what: str
    function: Callable[..., Any]

    def arguments(self) -> list[Any]:
        """The arrays that the function takes."""
        return [copy.copy(ARRAYS[name]) for name in inspect.signature(self.function).parameters]


ITEMS: list[Item] = []


def accepted(group: str, what: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Put a function into the table."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        ITEMS.append(Item(group, what, function))
        return function

    return register


# ---------------------------------------------------------------------------------------------
G = "Writes"


@accepted(G, "`a += x`, `-=`, `*=`, `/=`, `**=`, `@=`")
def _(x: Any, S: Any) -> Any:
    a = x * 1.0
    a += x
    a *= 2
    a -= 0.5
    a /= 3
    a **= 2
    M = S * 1.0
    M @= S
    return np.sum(a) + np.sum(M**2)


@accepted(G, "a loop that fills `buf = np.zeros(n)`: `buf[i] = ...`")
def _(X: Any, W: Any) -> Any:
    out = np.zeros((X.shape[0], W.shape[1]))
    for i in range(X.shape[0]):
        for j in range(W.shape[1]):
            out[i, j] = np.tanh(np.sum(X[i] * W[:, j]))
    return np.sum(out**2)


@accepted(G, "`np.empty`, `np.zeros_like`, `np.full`, filled row by row or in slices")
def _(X: Any, x: Any) -> Any:
    out = np.empty((4, 3))
    half = np.zeros_like(x)
    for n, row in enumerate(X):
        out[n] = row * x
    half[:2] = x[1:]
    half[2:] = 1.0
    return np.sum(out**2) + np.sum(half**3)


@accepted(G, "`total[k] += ...`, also at repeated places")
def _(X: Any) -> Any:
    total = np.zeros(3)
    for i in range(4):
        total[i % 3] += np.sum(X[i] ** 2)
    return np.sum(total**2)


@accepted(G, "`p[np.arange(N), y] -= 1`")
def _(Z: Any, labels: Any) -> Any:
    p = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    p[np.arange(len(labels)), labels] -= 1
    return np.sum(p**2)


@accepted(G, "`a[a < 0] = 0`, `a[mask] *= 0.1`")
def _(X: Any) -> Any:
    a = X * 1.0
    a[a < 0] = 0
    c = X + 0.0
    c[c > 0.5] = 0.5
    return np.sum(a**2) + np.sum(c**3)


@accepted(G, "`a[rows] = v`, where of several writes to one place the last one stays")
def _(x: Any, X: Any) -> Any:
    a = X * 1.0
    a[[0, 0, 1], [1, 1, 2]] = x * 2
    return np.sum(a**2)


@accepted(G, "a row or a view that is written into: `r = a[0]; r *= 2`, `a.T[0] = x`")
def _(X: Any, x: Any) -> Any:
    a = X * 1.0
    row = a[0]
    row *= 2
    turned = a.T
    turned[1] = 0.5
    flat = a.reshape(-1)
    flat[-3:] = x
    for r in a:
        r += 1
    return np.sum(a**3)


@accepted(G, "`np.add.at`, `np.subtract.at`, `np.fill_diagonal`, `np.copyto`, `.fill()`")
def _(x: Any, S: Any) -> Any:
    h = np.zeros(2)
    np.add.at(h, [0, 1, 0], x)
    np.subtract.at(h, [1], 0.5)
    M = S * 1.0
    np.fill_diagonal(M, 1.0)
    c = np.zeros(3)
    np.copyto(c, x)
    d = np.ones(3)
    d.fill(2.0)
    return np.sum(h**2) + np.sum(M**3) + np.sum(c * d * x)


@accepted(G, "`out=`")
def _(x: Any) -> Any:
    out = np.zeros(3)
    np.exp(x, out=out)
    np.multiply(out, x, out=out)
    return np.sum(out)


@accepted(G, "old values that are used later, beside writes (a recurrent network's states)")
def _(X: Any, S: Any) -> Any:
    h = np.zeros((5, 3))
    for t in range(4):
        h[t + 1] = np.tanh(h[t] @ S + X[t])
    h[2] = 0.5
    return np.sum(h**2)


@accepted(G, "a write into an argument or a global array; the caller's arrays stay as they are")
def _(X: Any) -> Any:
    X -= X.mean(axis=0)
    BUFFER[:] = X[0]
    return np.sum(X**3) + np.sum(BUFFER**2)


BUFFER = np.zeros(3)

# ---------------------------------------------------------------------------------------------
G = "Indexing"


@accepted(G, "slices, steps, negative numbers, `...`, `None`")
def _(X: Any) -> Any:
    return np.sum(X[1:, :2] ** 2) + np.sum(X[::-1, ::2] ** 3) + X[-1, -1] + np.sum(X[..., None])


@accepted(G, "arrays, lists and ranges of whole numbers")
def _(X: Any, labels: Any) -> Any:
    return np.sum(X[[0, 2, 2]] ** 2) + np.sum(X[range(4), labels] ** 3) + np.sum(X[labels[:2]])


@accepted(G, "`np.eye(C)[y]`, `np.log(p)[np.arange(N), y]`")
def _(Z: Any, labels: Any) -> Any:
    p = np.exp(Z) / np.exp(Z).sum(1, keepdims=True)
    return np.sum(np.eye(3)[labels] * p**2) - np.log(p)[np.arange(4), labels].mean()


@accepted(G, "`np.where(c, a, b)`, `np.maximum`, `x * (x > 0)`, `np.clip`")
def _(X: Any) -> Any:
    return np.sum(np.where(X > 0, X, 0.1 * X) ** 2 + X * (X > 0) + np.clip(X, -0.5, 0.5))


@accepted(G, "`np.take`, `np.take_along_axis`, `.diagonal()`, `np.triu`, `np.sort`")
def _(X: Any, S: Any) -> Any:
    order = np.argsort(X, axis=1)
    return (
        np.sum(np.take(X, [0, 1], axis=1) ** 2)
        + np.sum(np.take_along_axis(X, order, axis=1)[:, 0])
        + np.sum(S.diagonal() ** 2)
        + np.sum(np.triu(S) ** 2)
        + np.sum(np.sort(X, axis=0)[0] ** 3)
    )


# ---------------------------------------------------------------------------------------------
G = "Making arrays"


@accepted(G, "`np.array([...])` of numbers that are computed, also nested")
def _(x: Any, s: Any) -> Any:
    a = np.array([x[0] * 2, x[1] ** 2, s])
    c = np.array([[np.exp(v), v] for v in x])
    return np.sum(a**2) + np.sum(c**2)


@accepted(G, "`np.asarray`, `np.copy`, `.copy()`, `copy.deepcopy`, `np.atleast_2d`")
def _(x: Any) -> Any:
    a = np.asarray(x)
    c = x.copy()
    c *= 3
    d = copy.deepcopy(x)
    d += 1
    return np.sum(a * c) + np.sum(np.atleast_2d(d) ** 2) + np.sum(np.copy(x))


@accepted(G, "`np.c_`, `np.r_`, `hstack`, `vstack`, `column_stack`, `append`")
def _(X: Any, x: Any) -> Any:
    ones = np.ones(len(X))
    a = np.c_[ones, X]
    c = np.r_[x, 1.0, x]
    d = np.hstack((np.ones((4, 1)), X))
    e = np.vstack([x, x**2])
    f = np.append(x, [2.0])
    return sum(np.sum(v**3) for v in (a, c, d, e, f))


@accepted(G, "a list that grows, then `np.array`, `np.stack` or `np.concatenate` of it")
def _(X: Any) -> Any:
    rows, numbers = [], []
    for row in X:
        rows.append(np.tanh(row))
        numbers.append(np.sum(row**2))
    return np.sum(np.stack(rows) ** 2) + np.mean(np.array(numbers)) + np.concatenate(rows).sum()


@accepted(G, "`np.linspace`, `np.arange`, `np.full`, `np.identity`")
def _(X: Any) -> Any:
    w = np.linspace(0, 1, 3) + np.arange(3) + np.full(3, 0.5)
    return np.sum((X @ np.identity(3) * w) ** 2)


# ---------------------------------------------------------------------------------------------
G = "Arithmetic"


@accepted(G, "`W.dot(x)`, `np.dot`, `@`, `np.matmul`, `np.outer`, `np.inner`, `np.einsum`")
def _(X: Any, W: Any, x: Any) -> Any:
    return (
        np.sum(X.dot(W) ** 2)
        + np.sum(np.dot(X, W))
        + np.sum(np.matmul(X, W) * (X @ W))
        + np.sum(np.outer(x, x) ** 2)
        + np.inner(x, x)
        + np.einsum("ij,jk->", X, W) ** 2
    )


@accepted(G, "`np.unravel_index(np.argmax(x), x.shape)`")
def _(X):
    row, col = np.unravel_index(np.argmax(X), X.shape)
    low, left = np.unravel_index(np.argmin(X), X.shape, order="F")
    return X[row, col] ** 2 + X[low % 4, left % 3] * X[row, 0]


@accepted(G, "sizes as functions: `np.size(x, 0)`, `np.size(x)`, `np.shape(x)`, `np.ndim(x)`")
def _(X, b):
    n, rows = np.size(X, 0), b.reshape((np.size(b, 0), 1))
    return np.sum(X**2) / n + np.sum(rows**2) / np.size(X) * np.shape(X)[1] * np.ndim(X)


@accepted(G, "methods: `.sum(0)`, `.mean(axis=1)`, `.max()`, `.T`, `.reshape(-1, 1)`, `.ravel()`")
def _(X: Any) -> Any:
    return (
        np.sum(X.sum(0) ** 2)
        + np.sum(X.mean(axis=1, keepdims=True) * X)
        + X.max() ** 2
        + np.sum(X.T.reshape(-1, 1) ** 3)
        + np.sum(X.ravel()[2:])
        + np.sum(X.var(axis=0))
        + np.sum(X.std(axis=0, ddof=1))
    )


@accepted(G, "`math.exp`, `math.log`, `math.sqrt`, `math.tanh` of numbers")
def _(x: Any, y: Any) -> Any:
    total = 0
    for i in range(3):
        total += 1 / (1 + math.exp(-x[i])) + math.log(y[i]) * math.sqrt(y[i])
    return total + math.tanh(x[0]) + math.pow(y[1], 3)


@accepted(G, "`sum(...)`, `max(0, z)`, `min(...)`, `abs(...)`, `round(...)` of numbers")
def _(x: Any, y: Any) -> Any:
    return sum([v**2 for v in x]) + max(0, x[0]) + max(x) + min(y[0], y[1]) + abs(x[1]) + sum(x)


@accepted(G, "`scipy.special`: `expit`, `softmax`, `log_softmax`, `logsumexp`, `xlogy`")
def _(Z: Any, y: Any) -> Any:
    return (
        np.sum(expit(Z) ** 2)
        + np.sum(scipy.special.softmax(Z, axis=1) ** 2)
        + np.sum(scipy.special.log_softmax(Z, axis=1)[:, 0])
        + scipy.special.logsumexp(Z)
        + np.sum(scipy.special.xlogy(y, y))
    )


@accepted(G, "`np.linalg.norm`, `np.var`, `np.prod`, `np.cumsum`, `np.diff`, trigonometry")
def _(X: Any, y: Any) -> Any:
    return (
        np.linalg.norm(X)
        + np.sum(np.linalg.norm(X, axis=1))
        + np.sum(np.var(X, axis=0))
        + np.prod(y)
        + np.sum(np.cumsum(y) ** 2)
        + np.sum(np.diff(y) ** 2)
        + np.sum(np.sin(X) * np.cos(X))
    )


# ---------------------------------------------------------------------------------------------
G = "Functions and objects"


def _softmax(z: Any) -> Any:
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


@accepted(G, "helper functions, lambdas, closures, `functools.partial`, NumPy functions as values")
def _(X: Any, W: Any) -> Any:
    relu = lambda z: np.maximum(0, z)  # noqa: E731
    scale = functools.partial(np.multiply, 0.5)

    def layer(a: Any, f: Any = np.tanh) -> Any:
        return f(a @ W)

    return np.sum(_softmax(layer(X)) ** 2) + np.sum(scale(relu(layer(X, relu))))


@accepted(G, "recursion")
def _(x: Any) -> Any:
    def power(a: Any, n: int) -> Any:
        return a if n == 1 else a * power(a, n - 1)

    return np.sum(power(x, 4))


class Layer:
    """A layer that keeps its weights and what went through it."""

    def __init__(self, W: Any) -> None:
        self.W = W

    def forward(self, x: Any) -> Any:
        """The layer's output."""
        self.x = x
        self.out = x.dot(self.W)
        return self.out


class Squashed(Layer):
    """A layer built on another one."""

    def __init__(self, W: Any, slope: float = 1.0) -> None:
        super().__init__(W)
        self.slope = slope

    def forward(self, x: Any) -> Any:
        """The output, squashed."""
        self.out = np.tanh(self.slope * super().forward(x))
        return self.out


@accepted(G, "classes with `self.W` and caches, inheritance with `super()`, objects made inside")
def _(X: Any, W: Any) -> Any:
    net = [Layer(W), Squashed(W.T, 0.5)]
    a = X
    for layer in net:
        a = layer.forward(a)
    return np.sum(a**2) + np.sum(net[0].out) + np.sum(net[1].x ** 2)


MODEL = Squashed(np.random.default_rng(5).normal(size=(3, 2)))


@accepted(G, "an object outside, whose attributes are read and written")
def _(X: Any) -> Any:
    return np.sum(MODEL.forward(X) ** 2)


Pair = namedtuple("Pair", "w c")


@dataclass
class Weights:
    """Weights as a data class."""

    w: Any
    c: Any


@accepted(G, "dicts, lists, tuples, named tuples, data classes and `defaultdict` of arrays")
def _(x: Any, y: Any) -> Any:
    p = {"w": x, "c": [y, x * y]}
    pair, made = Pair(x, y), Weights(w=x**2, c=y)
    cache: Any = defaultdict(list)
    for k, v in (("a", x), ("b", y), ("a", y)):
        cache[k].append(v)
    first, *rest = p["c"]
    return (
        np.sum(p["w"] * first)
        + np.sum(pair.w * made.c + made.w)
        + np.sum(cache["a"][1] ** 2 * rest[0])
    )


@accepted(
    G, "comprehensions, `zip`, `enumerate`, unpacking, several returns, `while` and a counter"
)
def _(X: Any, x: Any) -> Any:
    def both(a: Any) -> Any:
        return np.sum(a), np.sum(a**2)

    first, second = both(X)
    total = first * second + sum(np.sum(a * c) for a, c in zip(X, [x, x**2], strict=False))
    n = 0
    while n < 3:
        total = total + n * x[n] ** 2
        n += 1
    return total


@accepted(G, "`isinstance(x, np.ndarray)`, `type(x)`, `x.ndim`, `assert` on shapes and values")
def _(X: Any) -> Any:
    assert isinstance(X, np.ndarray) and X.shape == (4, 3) and X.ndim == 2
    assert type(X) is np.ndarray
    p = _softmax(X)
    assert np.allclose(p.sum(axis=1), 1), "rows sum to one"
    assert not np.isnan(p).any()
    return np.sum(p**2) if X.dtype == np.float64 else 0.0


@accepted(G, "`print`, f-strings and `%` with shapes and numbers (said when it is recorded)")
def _(X: Any) -> Any:
    loss = np.mean(X**2)
    text = f"{X.shape} {loss:.3f} " + "loss %.3f of %s" % (loss, X.shape) + str(loss)  # noqa: UP031
    assert "loss" in text
    return loss


@accepted(G, "`return float(loss)`, `loss.item()`, `np.squeeze(loss)`")
def _(X: Any, x: Any) -> Any:
    cost = np.squeeze(np.array([[np.sum(X**2)]]))
    return float(cost) / 2 + float(np.mean(x)) + np.sum(x).item()


@accepted(G, "`np.vectorize`, `np.apply_along_axis`, `map`, `functools.reduce`")
def _(X: Any, x: Any) -> Any:
    square = np.vectorize(lambda v: v * v)
    rows = np.apply_along_axis(lambda r: r / np.sum(r**2), 1, X)
    return np.sum(square(x)) + np.sum(rows) + sum(map(np.exp, x)) + functools.reduce(np.multiply, x)


# ---------------------------------------------------------------------------------------------
G = "Labels and other data may decide (recorded at every call where they do)"


@accepted(G, "`C = y.max() + 1`, `np.unique(y)`, `np.zeros((N, C))` and a one-hot loop")
def _(Z: Any, labels: Any) -> Any:
    C = labels.max() + 1
    Y = np.zeros((len(labels), C))
    for i in range(len(labels)):
        Y[i, labels[i]] = 1
    return -np.sum(Y * np.log(_softmax(Z))) / len(np.unique(labels))


@accepted(G, "`if y[i] == k`, `for k in range(C)` over labels, a dict with labels as keys")
def _(Z: Any, labels: Any) -> Any:
    weights = {0: 1.0, 1: 2.0, 2: 0.5}
    total = 0
    for i in range(4):
        if labels[i] == 2:
            total += np.sum(Z[i] ** 2)
        else:
            total += weights[labels[i]] * Z[i, 0]
    return total


@accepted(G, "`x[x > 0].mean()`, `np.where(c)`, `np.nonzero`, `np.argwhere`")
def _(X: Any) -> Any:
    rows, columns = np.where(X > 0.3)
    return X[X > 0].mean() + np.sum(X[rows, columns] ** 2) + np.sum(X[np.nonzero(X < 0)] ** 3)


@accepted(G, "an accuracy on the side: `np.argmax(p[i]) == y[i]`")
def _(Z: Any, labels: Any) -> Any:
    p, correct = _softmax(Z), 0
    for i in range(4):
        if np.argmax(p[i]) == labels[i]:
            correct += 1
    accuracy = np.mean(p.argmax(axis=1) == labels)
    assert correct == 4 * accuracy
    return -np.mean(np.log(p[np.arange(4), labels]))


@accepted(G, "a mask of the data: `if R[i, j] > 0` where no gradient is taken of `R`")
def _(X: Any) -> Any:
    total = 0
    for i in range(4):
        for j in range(3):
            if RATINGS[i, j] > 0:
                total = total + (RATINGS[i, j] - X[i, j]) ** 2
    return total


RATINGS = np.array([[1.0, 0.0, 3.0], [0.0, 2.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 5.0]])
