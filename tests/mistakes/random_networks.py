"""Right backward passes of random networks: layers, losses, layouts, where 1/N stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Inputs = dict[str, Any]
ACTIVATIONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any, Any], Any]]] = {
    # each with its slope, from the input and the result
    "relu": (lambda z: np.maximum(z, 0), lambda z, a: (z > 0) * 1.0),
    "relu from the result": (lambda z: z * (z > 0), lambda z, a: a > 0),
    "tanh": (np.tanh, lambda z, a: 1 - a**2),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z, a: a * (1 - a)),
    "leaky": (lambda z: np.where(z > 0, z, 0.1 * z), lambda z, a: np.where(z > 0, 1, 0.1)),
    "softplus": (lambda z: np.log(1 + np.exp(z)), lambda z, a: 1 / (1 + np.exp(-z))),
    "elu": (lambda z: np.where(z > 0, z, np.exp(z) - 1), lambda z, a: np.where(z > 0, 1, a + 1)),
    "none": (lambda z: z, lambda z, a: np.ones_like(z)),
}
LOSSES = ("squares", "half squares", "mean squares", "softmax", "softmax labels", "sigmoid")


@dataclass(frozen=True)
class Network:
    """A random network.

    Attributes:
        sizes: the units of each layer.
        activations: of the hidden layers.
        loss_name: one of LOSSES.
        columns: whether the examples are columns.
        samples: whether it goes example by example.
        late: whether 1/N is applied to the gradients of the weights, not to the first delta.
        mean: whether the loss is a mean over the examples.
        decay: the strength of a penalty.
    """

    sizes: tuple[int, ...]
    activations: tuple[str, ...]
    loss_name: str
    columns: bool
    samples: bool
    late: bool
    mean: bool
    decay: float

    @staticmethod
    def draw(seed: int) -> Network:
        """A network for a seed."""
        rng = np.random.default_rng(seed)
        depth = int(rng.integers(1, 4))
        sizes = tuple(int(n) for n in rng.integers(2, 7, depth + 1))
        names = [str(n) for n in rng.choice(list(ACTIVATIONS), depth - 1)]
        flags = rng.random(4) < 0.5
        return Network(
            sizes,
            tuple(names),
            str(rng.choice(LOSSES)),
            bool(flags[0]),
            bool(flags[1]),
            bool(flags[2]),
            bool(flags[3]),
            float(rng.choice([0.0, 0.0, 0.03])),
        )

    def make_inputs(self, seed: int) -> Inputs:
        """Weights, data and labels."""
        rng = np.random.default_rng(seed)
        n, classes = int(rng.integers(4, 9)), self.sizes[-1]
        made: Inputs = {"X": rng.normal(size=(n, self.sizes[0]))}
        labels = rng.integers(0, classes, n)
        labels[:classes] = np.arange(classes)[:n]
        if self.loss_name == "softmax labels":
            made["y"] = labels
        elif self.loss_name == "softmax":
            made["y"] = np.eye(classes)[labels]
        elif self.loss_name == "sigmoid":
            made["y"] = rng.integers(0, 2, (n, classes)).astype(float)
        else:
            made["y"] = rng.normal(size=(n, classes))
        for k, (a, b) in enumerate(zip(self.sizes, self.sizes[1:], strict=False), 1):
            made[f"W{k}"], made[f"b{k}"] = rng.normal(size=(a, b)) * 0.7, rng.normal(size=b)
            if self.columns:
                made[f"W{k}"], made[f"b{k}"] = made[f"W{k}"].T, made[f"b{k}"][:, None]
        if self.columns:
            made["X"] = made["X"].T
            made["y"] = made["y"].T
        return made

    def loss(self, i: Inputs) -> Any:
        """The loss, of all examples at once or one by one."""
        if self.samples:
            parts = [self._one_loss(self._part(i, k)) for k in range(self._count(i))]
            total = sum(parts)
        else:
            total = self._one_loss(i)
        if self.mean:
            total = total / self._count(i)
        for k in range(1, len(self.sizes)):
            total = total + self.decay * np.sum(i[f"W{k}"] ** 2)
        return total

    def grads(self, i: Inputs) -> Inputs:
        """The gradients of the weights."""
        n = self._count(i)
        if self.samples:
            found: Inputs = {}
            for k in range(n):
                for name, d in self._one_grads(self._part(i, k), n).items():
                    found[name] = found[name] + d if name in found else d
        else:
            found = self._one_grads(i, n)
        for k in range(1, len(self.sizes)):
            if self.late and self.mean:
                found[f"dW{k}"] = found[f"dW{k}"] / n
                found[f"db{k}"] = found[f"db{k}"] / n
            if self.decay:
                found[f"dW{k}"] = found[f"dW{k}"] + 2 * self.decay * i[f"W{k}"]
        return found

    def _count(self, i: Inputs) -> int:
        return int(i["X"].shape[1 if self.columns else 0])

    def _part(self, i: Inputs, k: int) -> Inputs:
        """One example."""
        if self.columns:
            y = i["y"][k : k + 1] if i["y"].ndim == 1 else i["y"][:, k : k + 1]
            return {**i, "X": i["X"][:, k : k + 1], "y": y}
        return {**i, "X": i["X"][k : k + 1], "y": i["y"][k : k + 1]}

    def _forward(self, i: Inputs) -> tuple[list[Any], list[Any]]:
        a, zs, outs = i["X"], [], [i["X"]]
        for k in range(1, len(self.sizes)):
            z = (i[f"W{k}"] @ a if self.columns else a @ i[f"W{k}"]) + i[f"b{k}"]
            a = ACTIVATIONS[self.activations[k - 1]][0](z) if k <= len(self.activations) else z
            zs.append(z)
            outs.append(a)
        return zs, outs

    def _softmax(self, z: Any) -> Any:
        axis = 0 if self.columns else 1
        e = np.exp(z - z.max(axis=axis, keepdims=True))
        return e / e.sum(axis=axis, keepdims=True)

    def _at_labels(self, p: Any, y: Any) -> Any:
        places = np.arange(len(y))
        return p[y, places] if self.columns else p[places, y]

    def _one_loss(self, i: Inputs) -> Any:
        z, y = self._forward(i)[1][-1], i["y"]
        if self.loss_name == "squares":
            return np.sum((z - y) ** 2)
        if self.loss_name == "half squares":
            return 0.5 * np.sum((y - z) ** 2)
        if self.loss_name == "mean squares":
            return np.sum((z - y) ** 2) / self.sizes[-1]
        if self.loss_name == "softmax":
            return -np.sum(y * np.log(self._softmax(z)))
        if self.loss_name == "softmax labels":
            return -np.sum(np.log(self._at_labels(self._softmax(z), y)))
        p = 1 / (1 + np.exp(-z))
        return -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))

    def _delta(self, z: Any, y: Any) -> Any:
        if self.loss_name == "squares":
            return 2 * (z - y)
        if self.loss_name == "half squares":
            return -(y - z)
        if self.loss_name == "mean squares":
            return 2 / self.sizes[-1] * (z - y)
        if self.loss_name == "softmax":
            return self._softmax(z) - y
        if self.loss_name == "softmax labels":
            d, places = self._softmax(z), np.arange(len(y))
            d[(y, places) if self.columns else (places, y)] -= 1
            return d
        return 1 / (1 + np.exp(-z)) - y

    def _one_grads(self, i: Inputs, n: int) -> Inputs:
        zs, outs = self._forward(i)
        delta = self._delta(zs[-1], i["y"])
        if self.mean and not self.late:
            delta = delta / n
        found: Inputs = {}
        for k in range(len(self.sizes) - 1, 0, -1):
            if self.columns:
                found[f"dW{k}"] = delta @ outs[k - 1].T
                found[f"db{k}"] = delta.sum(axis=1, keepdims=True)
                back = i[f"W{k}"].T @ delta
            else:
                found[f"dW{k}"] = outs[k - 1].T @ delta
                found[f"db{k}"] = delta.sum(axis=0)
                back = delta @ i[f"W{k}"].T
            if k > 1:
                slope = ACTIVATIONS[self.activations[k - 2]][1]
                delta = back * slope(zs[k - 2], outs[k - 1])
        return found
