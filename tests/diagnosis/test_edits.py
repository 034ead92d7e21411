"""Changes of the user's own backward pass, and lines that compute nothing."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

import retrograd as rg


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def inputs(seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {"w": rng.normal(size=3), "b": 0.3, "X": rng.normal(size=(5, 3)), "y": rng.random(5)}


def loss(p: dict[str, Any]) -> float:
    return float(
        0.5
        * sum((sigmoid(x @ p["w"] + p["b"]) - y) ** 2 for x, y in zip(p["X"], p["y"], strict=True))
    )


def partials(p: dict[str, Any], slope: Any, start: int = 0) -> dict[str, Any]:
    dw, db = [0.0, 0.0, 0.0], 0.0
    for x, y in zip(p["X"], p["y"], strict=True):
        z = x @ p["w"] + p["b"]
        a = sigmoid(z)
        delta = (a - y) * slope(z, a)
        for j in range(start, 3):
            dw[j] += delta * x[j]
        db += delta
    return {"dw": np.array(dw), "db": db}


def test_a_right_loop_over_numbers_raises_no_alarm() -> None:
    assert rg.diagnose(loss, lambda p: partials(p, lambda z, a: a * (1 - a)), inputs).ok


def test_the_change_that_was_tried_is_said_with_the_users_names() -> None:
    def wrong(z: Any, a: Any) -> Any:
        return sigmoid(a) * (1 - sigmoid(a))

    found = rg.diagnose(loss, lambda p: partials(p, wrong), inputs).findings[0]
    assert found.cause == "derivative_applied_to_activation"
    assert "tried" in str(found)


def test_a_variable_that_keeps_what_came_last() -> None:
    def grads(p: dict[str, Any]) -> dict[str, Any]:
        for x, y in zip(p["X"], p["y"], strict=True):
            a = sigmoid(x @ p["w"] + p["b"])
            delta = (a - y) * a * (1 - a)
            dw = delta * x
            db = delta
        return {"dw": dw, "db": db}

    found = rg.diagnose(loss, grads, inputs)
    assert {f.cause for f in found.findings} == {"only_last_sample_kept"}


def test_an_alias_that_is_taken_for_what_it_is_not() -> None:
    def network(p: dict[str, Any]) -> tuple[Any, Any]:
        h = np.tanh(p["X"] @ p["V"])
        return h, h @ p["u"] - p["y"]

    def grads(p: dict[str, Any]) -> dict[str, Any]:
        h, e = network(p)
        dh = np.outer(e, p["u"])
        dz = dh
        return {"dV": p["X"].T @ dz, "du": h.T @ e}

    def made(seed: int = 0) -> dict[str, Any]:
        rng = np.random.default_rng(seed)
        start = inputs(seed)
        return {"X": start["X"], "y": start["y"], "V": rng.normal(size=(3, 4)), "u": np.ones(4)}

    found = rg.diagnose(lambda p: float(0.5 * np.sum(network(p)[1] ** 2)), grads, made)
    assert found.findings[0].cause == "missing_hidden_activation_derivative"
    where = grads.__code__.co_firstlineno + 3
    assert found.findings[0].line == where


def test_watching_leaves_the_interpreter_as_it_was() -> None:
    before = sys.gettrace()
    rg.diagnose(loss, lambda p: partials(p, lambda z, a: a), inputs)
    assert sys.gettrace() is before


def test_under_a_debugger_the_diagnosis_is_the_same_but_for_watched_lines() -> None:
    def traced(frame: Any, event: str, arg: Any) -> Any:
        return None

    sys.settrace(traced)
    try:
        found = rg.diagnose(loss, lambda p: partials(p, lambda z, a: 1.0), inputs)
        assert sys.gettrace() is traced
    finally:
        sys.settrace(None)
    assert set(found.wrong) == {"dw", "db"}
    assert found.findings[0].cause == "missing_output_activation_derivative"
