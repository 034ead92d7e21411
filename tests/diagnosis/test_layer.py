"""One layer object against its own forward, in the styles in which people write them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import retrograd as rg
from retrograd.errors import ArgumentError

X = np.random.default_rng(0).normal(size=(6, 4))


class Dense:
    """Attributes `W` and `dW`."""

    def __init__(self) -> None:
        rng = np.random.default_rng(1)
        self.W, self.b = rng.normal(size=(4, 3)), rng.normal(size=3)

    def forward(self, x: Any) -> Any:
        self.x = x
        return x @ self.W + self.b

    def backward(self, g: Any) -> Any:
        self.dW = self.x.T @ g
        self.db = g.sum(axis=0)
        return g @ self.W.T


class InDicts:
    """`params` and `grads`, and other names for the methods."""

    def __init__(self) -> None:
        self.params = {"W": np.random.default_rng(1).normal(size=(4, 3))}
        self.grads: dict[str, Any] = {}

    def fprop(self, inputs: Any) -> Any:
        self.inputs = inputs
        return np.tanh(inputs @ self.params["W"])

    def bprop(self, grad: Any) -> Any:
        d = grad * (1 - np.tanh(self.inputs @ self.params["W"]) ** 2)
        self.grads["W"] = self.inputs.T @ d
        return d @ self.params["W"].T


class Updates:
    """A backward that takes the learning rate and moves the weights."""

    def __init__(self) -> None:
        self.weights = np.random.default_rng(1).normal(size=(4, 3))

    def forward(self, x: Any) -> Any:
        self.x = x
        return x @ self.weights

    def backward(self, output_gradient: Any, learning_rate: float) -> Any:
        dx = output_gradient @ self.weights.T
        self.weights -= learning_rate * self.x.T @ output_gradient
        return dx


class Returns:
    """A tuple: the gradient of the input, then those of the parameters."""

    def __init__(self) -> None:
        self.gamma, self.beta = np.array([0.5, 2.0, 1.5, 3.0]), np.zeros(4)

    def forward(self, x: Any) -> Any:
        self.x = x
        return x * self.gamma + self.beta

    def backward(self, g: Any) -> Any:
        return g * self.gamma, (g * self.x).sum(axis=0), g.sum(axis=0)


class Attributes:
    """forward(self) reads self.input and fills self.value; the gradient is a local one."""

    def __init__(self) -> None:
        self.input: Any = None

    def forward(self) -> None:
        self.value = 1 / (1 + np.exp(-self.input))

    def backward(self) -> None:
        self.gradient = self.value * (1 - self.value)


@pytest.mark.parametrize("kind", [Dense, InDicts, Updates, Returns, Attributes])
def test_a_right_layer_is_right_in_any_style(kind: Any) -> None:
    layer = kind()
    before = {n: np.copy(v) for n, v in vars(layer).items() if isinstance(v, np.ndarray)}
    found = rg.diagnose_layer(layer, X)
    assert found.ok, found
    assert not found.findings
    for name, array in before.items():
        assert np.array_equal(getattr(layer, name), array)


def test_its_parameters_are_checked() -> None:
    names = [row.name for row in rg.diagnose_layer(Dense(), X).rows]
    assert names == ["dx", "dW", "db"]
    assert [row.name for row in rg.diagnose_layer(Updates(), X).rows] == ["dx", "dweights"]
    assert [row.name for row in rg.diagnose_layer(Returns(), X).rows] == ["dx", "dgamma", "dbeta"]


def test_weights_that_move_too_early_are_seen() -> None:
    class Early(Updates):
        def backward(self, output_gradient: Any, learning_rate: float) -> Any:
            self.weights -= learning_rate * self.x.T @ output_gradient
            return output_gradient @ self.weights.T

    found = rg.diagnose_layer(Early(), X)
    assert found.wrong == ("dx",)
    assert found.findings[0].cause == "weights_updated_before_backprop"


def test_a_local_gradient_cannot_hold_the_jacobian_of_softmax() -> None:
    class Softmax:
        """The layer of question e: loops, the logits in place of the values, = in place of +=."""

        def __init__(self) -> None:
            self.input: Any = None

        def forward(self) -> None:
            e = np.exp(self.input - np.max(self.input))
            self.value = e / np.sum(e)

        def backward(self) -> None:
            self.gradient = np.zeros(len(self.value))
            for i in range(len(self.value)):
                for j in range(len(self.input)):
                    if i == j:
                        self.gradient[i] = self.value[i] * (1 - self.value[i])
                    else:
                        self.gradient[i] = -self.value[i] * self.value[j]

    found = rg.diagnose_layer(Softmax(), np.array([0.3, -1.0, 0.8, 0.1]))
    assert found.wrong == ("dx",)
    first = found.findings[0]
    assert (first.cause, first.family) == ("softmax_jacobian_loop_overwritten", "softmax")
    assert "a vector cannot hold the Jacobian" in " ".join(str(found).split())
    assert "p * (g - (g * p).sum" in first.fix


def test_a_softmax_that_passes_the_gradient_on_did_not_do_its_part() -> None:
    class Softmax:
        def forward(self, z: Any) -> Any:
            e = np.exp(z - z.max(axis=1, keepdims=True))
            return e / e.sum(axis=1, keepdims=True)

        def backward(self, g: Any) -> Any:
            return g * 1.0

    found = rg.diagnose_layer(Softmax(), X)
    assert found.wrong == ("dx",)
    assert "p - y" in found.findings[0].fix


def test_what_is_no_layer_is_refused() -> None:
    with pytest.raises(ArgumentError) as caught:
        rg.diagnose_layer(object(), X)
    assert caught.value.code == "RG585"
