"""Gradient checks that are wrong, as people write them, and right ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import retrograd as rg

RNG = np.random.default_rng(0)
INPUTS = {"W": RNG.normal(size=(3, 2)), "b": RNG.normal(size=2), "X": RNG.normal(size=(5, 3))}
EPS = 1e-13


def loss(i: Any) -> float:
    return float(np.mean(np.tanh(i["X"] @ i["W"] + i["b"]) ** 2))


def grads(i: Any) -> Any:
    a = np.tanh(i["X"] @ i["W"] + i["b"])
    d = 2 * a * (1 - a**2) / a.size
    return {"dW": i["X"].T @ d, "db": d.sum(axis=0)}


def differences(i: Any, one: Callable[[Any, Any, Any], float]) -> Any:
    found = {}
    for name in ("W", "b"):
        array = i[name]
        made = np.zeros(array.shape)
        for k in np.ndindex(array.shape):
            made[k] = one(i, array, k)
        found["d" + name] = made
    return found


def right(i: Any, h: float = 1e-5) -> Any:
    def one(i: Any, x: Any, k: Any) -> float:
        old = x[k]
        x[k] = old + h
        up = loss(i)
        x[k] = old - h
        down = loss(i)
        x[k] = old
        return (up - down) / (2 * h)

    return differences(i, one)


def tiny(i: Any) -> Any:
    def one(i: Any, x: Any, k: Any) -> float:
        x[k] += EPS
        up = loss(i)
        x[k] -= 2 * EPS
        down = loss(i)
        x[k] += EPS
        return (up - down) / (2 * EPS)

    return differences(i, one)


def huge(i: Any) -> Any:
    return right(i, 0.5)


def one_sided(i: Any, eps: float = 0.01) -> Any:
    def one(i: Any, x: Any, k: Any) -> float:
        before = loss(i)
        x[k] += eps
        up = loss(i)
        x[k] -= eps
        return (up - before) / eps

    return differences(i, one)


def divided_by_h(i: Any) -> Any:
    return {k: 2 * g for k, g in right(i).items()}


def stays_moved(i: Any) -> Any:
    def one(i: Any, x: Any, k: Any) -> float:
        old = x[k]
        x[k] = old + 1e-2
        up = loss(i)
        x[k] = old - 1e-2
        return (up - loss(i)) / (2 * 1e-2)

    return differences(i, one)


def of_something_else(i: Any) -> Any:
    return {k: np.sort(g, axis=0) for k, g in right(i).items()}


def single(i: Any) -> Any:
    return {n: x.astype(np.float32) for n, x in i.items()}


WRONG = [
    (tiny, "RG587", "gradient_check_step_too_small"),
    (huge, "RG587", "gradient_check_step_too_large"),
    (one_sided, "RG587", "gradient_check_step_too_large"),
    (divided_by_h, "RG588", "gradient_check_formula"),
    (stays_moved, "RG588", "gradient_check_not_restored"),
    (of_something_else, "RG588", None),
]


@pytest.mark.parametrize(("check", "code", "cause"), WRONG)
def test_a_check_that_is_wrong(check: Any, code: str, cause: str | None) -> None:
    found = rg.diagnose(loss, grads, INPUTS, check=check)
    assert found.ok
    assert [(f.code, f.cause) for f in found.findings] == [(code, cause)]
    assert found.findings[0].file == __file__
    assert found.findings[0].severity == "warning"


def test_the_line_of_the_step() -> None:
    found = rg.diagnose(loss, grads, INPUTS, check=stays_moved).findings[0]
    assert found.line is not None
    assert "1e-2" in Path(__file__).read_text().splitlines()[found.line - 1]


def test_a_check_that_is_right() -> None:
    assert rg.diagnose(loss, grads, INPUTS, check=right).findings == ()
    backwards = rg.diagnose(loss, lambda i: {"dW": -grads(i)["dW"]}, INPUTS, check=right)
    assert [f.cause for f in backwards.findings] == ["flipped_sign"]


def test_float32() -> None:
    found = rg.diagnose(loss, grads, single(INPUTS), check=right)
    assert [(f.code, f.cause) for f in found.findings] == [("RG586", "gradient_check_in_float32")]
    assert found.findings[0].quantities == ("dW", "db")


def test_integers() -> None:
    x = {"x": np.array([1, 2, 3])}

    def square(i: Any) -> float:
        return float(np.sum(i["x"] ** 2))

    def check(i: Any) -> Any:
        x, made = i["x"], np.zeros(3)
        for k in range(3):
            x[k] += 1e-4
            up = square(i)
            x[k] -= 2e-4
            made[k] = (up - square(i)) / 2e-4
            x[k] += 1e-4
        return {"dx": made}

    found = rg.diagnose(square, lambda i: {"dx": 2 * i["x"]}, x, check=check)
    assert [(f.code, f.cause) for f in found.findings] == [("RG586", "gradient_check_in_integers")]


def test_a_loss_that_draws() -> None:
    rng = np.random.default_rng(5)

    def dropped(i: Any) -> float:
        mask = rng.random(i["X"].shape) < 0.5
        return loss({**i, "X": i["X"] * mask})

    def check(i: Any) -> Any:
        made = np.zeros(2)
        for k in range(2):
            i["b"][k] += 1e-5
            up = dropped(i)
            i["b"][k] -= 2e-5
            made[k] = (up - dropped(i)) / 2e-5
            i["b"][k] += 1e-5
        return {"db": made}

    found = rg.diagnose(dropped, grads, INPUTS, check=check)
    assert found.findings[-1].code == "RG589"
