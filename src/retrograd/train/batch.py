"""The loss of a batch as a function of a model's parameters."""

from __future__ import annotations

from typing import Any

from retrograd.gradient import Gradient, value_and_grad
from retrograd.layers import Sequential
from retrograd.train.score import Loss


def gradient_of(model: Sequential, loss: Loss, backend: str = "numpy") -> Gradient:
    """The value and gradients of loss(model(x), y), for every parameter of the model in order.

    Where layers keep something that a step finds out, the value is (loss, statistics).
    """

    def loss_of_batch(x: Any, y: Any) -> Any:
        model.train()
        return loss(model(x), y)

    def loss_and_statistics(x: Any, y: Any) -> Any:
        model.train()
        return loss(model(x), y), model.statistics()

    function = loss_and_statistics if keeps(model) else loss_of_batch
    function.__name__ = getattr(loss, "__name__", "loss")
    wrt = list(model.named_parameters())
    return value_and_grad(function, wrt=wrt, has_aux=keeps(model), backend=backend)


def keeps(model: Sequential) -> bool:
    """Whether a layer keeps something that a training step finds out about its batch."""
    return any(layer.buffers for layer in model.inner())
