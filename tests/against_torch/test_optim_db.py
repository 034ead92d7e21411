"""Optimizers and schedules: 20 steps beside PyTorch's, for each configuration in `optim_db`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler
from torch.testing._internal.common_optimizers import optim_db

import retrograd as rg
from retrograd.optimizers import schedules

RENAMED = {
    "lr": "learning_rate",
    "eps": "epsilon",
    "decoupled_weight_decay": "decoupled",
    "lr_decay": "decay",
    "initial_accumulator_value": "initial",
}
INFOS = {
    info.optim_cls.__name__: info
    for info in optim_db
    if hasattr(rg.optimizers, info.optim_cls.__name__)
}
MEANT_ONLY_FOR_TENSORS = {"capturable", "foreach", "fused", "differentiable"}


def ours(name: str, kwargs: dict[str, Any], defaults: dict[str, Any]) -> rg.optimizers.Optimizer:
    """The optimizer of that name with PyTorch's arguments, and its defaults."""
    given: dict[str, Any] = {}
    for key, value in {**defaults, **kwargs}.items():
        if key in MEANT_ONLY_FOR_TENSORS:
            continue
        if key == "betas":
            given["beta1"], given["beta2"] = value
        elif key == "etas":
            given["shrink"], given["grow"] = value
        elif key == "step_sizes":
            given["shortest"], given["longest"] = value
        elif isinstance(value, torch.Tensor):
            given[RENAMED.get(key, key)] = value.item()
        else:
            given[RENAMED.get(key, key)] = value
    if name in ("Adam", "AdamW"):
        given.pop("decoupled", None)
    return getattr(rg.optimizers, name)(**given)


CASES = [
    pytest.param(name, item.kwargs, id=f"{name} {item.desc}")
    for name, info in INFOS.items()
    for item in info.optim_inputs_func(device="cpu")
]


def test_all_that_are_promised_are_there() -> None:
    promised = "SGD Adam AdamW Adamax NAdam RAdam Adagrad Adadelta RMSprop Rprop"
    assert set(promised.split()) == set(INFOS)


@pytest.mark.parametrize(("name", "kwargs"), CASES)
def test_twenty_steps_agree(name: str, kwargs: dict[str, Any]) -> None:
    rng = np.random.default_rng(4)
    start = rng.normal(size=12)
    matrix = rng.normal(size=(12, 12))
    parameter = torch.tensor(start, requires_grad=True)
    theirs = INFOS[name].optim_cls([parameter], **kwargs)
    array = start.copy()
    optimizer = ours(name, kwargs, theirs.defaults)
    for step in range(20):
        theirs.zero_grad()
        residual = torch.as_tensor(matrix) @ parameter
        (torch.tanh(residual).sum() + 0.1 * (parameter**2).sum() * (1 + step % 3)).backward()
        slope = 1 - np.tanh(matrix @ array) ** 2
        optimizer.update(array, matrix.T @ slope + 0.2 * array * (1 + step % 3))
        theirs.step()
        np.testing.assert_allclose(array, parameter.detach(), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", INFOS)
def test_what_pytorch_refuses_is_refused(name: str) -> None:
    refused = 0
    for error in INFOS[name].optim_error_inputs_func(device="cpu", dtype=torch.float64):
        kwargs = error.optimizer_error_input.kwargs
        if not kwargs or any(isinstance(v, torch.Tensor) for v in kwargs.values()):
            continue  # about lists of tensors, or about learning rates that are tensors
        if not any(isinstance(v, float | int | tuple) for v in kwargs.values()):
            continue
        with pytest.raises(rg.RetrogradError, match="RG601"):
            ours(name, kwargs, {})
        refused += 1
    assert refused >= 1


SCHEDULES: dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]] = {
    "StepLR": (lambda: schedules.StepLR(0.5, 3, 0.2), lambda o: lr_scheduler.StepLR(o, 3, 0.2)),
    "MultiStepLR": (
        lambda: schedules.MultiStepLR(0.5, [7, 2]),
        lambda o: lr_scheduler.MultiStepLR(o, [2, 7]),
    ),
    "ExponentialLR": (
        lambda: schedules.ExponentialLR(0.5, 0.9),
        lambda o: lr_scheduler.ExponentialLR(o, 0.9),
    ),
    "ConstantLR": (lambda: schedules.ConstantLR(0.5), lambda o: lr_scheduler.ConstantLR(o)),
    "LinearLR": (lambda: schedules.LinearLR(0.5), lambda o: lr_scheduler.LinearLR(o)),
    "PolynomialLR": (
        lambda: schedules.PolynomialLR(0.5, 12, 2.0),
        lambda o: lr_scheduler.PolynomialLR(o, 12, 2.0),
    ),
    "CosineAnnealingLR": (
        lambda: schedules.CosineAnnealingLR(0.5, 7, 0.01),
        lambda o: lr_scheduler.CosineAnnealingLR(o, 7, 0.01),
    ),
    "CosineAnnealingWarmRestarts": (
        lambda: schedules.CosineAnnealingWarmRestarts(0.5, 3, 2, 0.01),
        lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 3, 2, 0.01),
    ),
    "OneCycleLR": (
        lambda: schedules.OneCycleLR(0.5, 20),
        lambda o: lr_scheduler.OneCycleLR(o, 0.5, 20),
    ),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_agree(name: str) -> None:
    make, theirs = SCHEDULES[name]
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    scheduler, schedule = theirs(optimizer), make()
    for t in range(20):
        assert schedule(t) == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-9, abs=1e-12)
        optimizer.step()
        if t < 19:
            scheduler.step()


@pytest.mark.parametrize("settings", [{}, {"patience": 2}, {"patience": 1, "cooldown": 2}])
def test_reduce_on_plateau_agrees(settings: dict[str, Any]) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    theirs = lr_scheduler.ReduceLROnPlateau(optimizer, **settings)
    schedule = schedules.ReduceLROnPlateau(0.5, **settings)
    losses = np.maximum(np.exp(-np.arange(40) / 4), 0.2) + 0.01 * (np.arange(40) % 3)
    for loss in losses:
        theirs.step(float(loss))
        found = schedule.observe(float(loss))
        assert found == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-12)
