"""Right training steps are left alone; the pages in docs/errors show each mistake."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import retrograd as rg
from retrograd.errors import ArgumentError

Inputs = dict[str, Any]


def make_inputs(seed: int) -> Inputs:
    rng = np.random.default_rng(seed)
    return {
        "X": rng.normal(size=(6, 3)),
        "y": rng.normal(size=(6, 2)),
        "W1": rng.normal(size=(3, 4)),
        "W2": rng.normal(size=(4, 2)),
    }


def loss(i: Inputs) -> Any:
    return ((np.tanh(i["X"] @ i["W1"]) @ i["W2"] - i["y"]) ** 2).mean()


def gradients(i: Inputs) -> Inputs:
    h = np.tanh(i["X"] @ i["W1"])
    d = 2 * (h @ i["W2"] - i["y"]) / i["y"].size
    return {"W1": i["X"].T @ (d @ i["W2"].T * (1 - h**2)), "W2": h.T @ d}


def sgd(i: Inputs) -> None:
    for name, d in gradients(i).items():
        i[name] -= 0.1 * d


def returned(i: Inputs) -> Inputs:
    return {name: i[name] - 0.1 * d for name, d in gradients(i).items()}


class Momentum:
    def __init__(self) -> None:
        self.velocity: Inputs = {}

    def __call__(self, i: Inputs) -> None:
        for name, g in gradients(i).items():
            self.velocity[name] = 0.9 * self.velocity.get(name, 0) - 0.1 * g
            i[name] += self.velocity[name]


class Adam:
    def __init__(self) -> None:
        self.m: Inputs = {}
        self.v: Inputs = {}
        self.t = 0

    def __call__(self, i: Inputs) -> None:
        self.t += 1
        for name, g in gradients(i).items():
            self.m[name] = 0.9 * self.m.get(name, 0) + 0.1 * g
            self.v[name] = 0.999 * self.v.get(name, 0) + 0.001 * g**2
            m_hat = self.m[name] / (1 - 0.9**self.t)
            v_hat = self.v[name] / (1 - 0.999**self.t)
            i[name] -= 0.01 * m_hat / (np.sqrt(v_hat) + 1e-8)


@pytest.mark.parametrize("step", [sgd, returned, Momentum(), Adam()])
def test_a_right_step_raises_no_alarm(step: Any) -> None:
    found = rg.diagnose_training(step, loss, make_inputs)
    assert not found.findings, str(found)


def test_what_it_is_given_stays_as_it_is() -> None:
    inputs, step = make_inputs(0), Momentum()
    before = {n: v.copy() for n, v in inputs.items()}
    rg.diagnose_training(step, loss, inputs)
    assert all(np.array_equal(before[n], inputs[n]) for n in inputs)
    assert step.velocity == {}


def test_a_step_that_does_nothing_is_refused() -> None:
    with pytest.raises(ArgumentError) as caught:
        rg.diagnose_training(lambda i: None, loss, make_inputs)
    assert caught.value.code == "RG583"
