"""What a diagnosis says, and that its truth does not rest on one source."""

from __future__ import annotations

import json
import pickle
from typing import Any

import numpy as np
import pytest

import retrograd as rg
from retrograd.diagnosis.probe import Probe
from retrograd.diagnosis.tape import record
from retrograd.diagnosis.truth import truths
from retrograd.errors import ArgumentError
from retrograd.testing import DiagnosisError, assert_gradients

Inputs = dict[str, Any]


def make_inputs(seed: int) -> Inputs:
    rng = np.random.default_rng(seed)
    return {"X": rng.normal(size=(7, 4)), "W": rng.normal(size=(4, 3)), "b": rng.normal(size=3)}


def loss(i: Inputs) -> float:
    return float(np.mean((i["X"] @ i["W"] + i["b"]) ** 2))


def right(i: Inputs) -> Inputs:
    z = i["X"] @ i["W"] + i["b"]
    dz = 2 * z / z.size
    return {"dW": i["X"].T @ dz, "db": dz.sum(axis=0)}


def wrong_bias(i: Inputs) -> Inputs:
    z = i["X"] @ i["W"] + i["b"]
    dz = 2 * z / z.size
    db = dz.mean(axis=0)
    return {"dW": i["X"].T @ dz, "db": db}


def test_a_right_gradient_is_ok() -> None:
    found = rg.diagnose(loss, right, make_inputs)
    assert found.ok
    assert found.wrong == ()
    assert found.findings == ()
    assert "all 2 gradients are right" in str(found)


def test_the_finding_has_its_line_and_its_code() -> None:
    found = rg.diagnose(loss, wrong_bias, make_inputs)
    (finding,) = found.findings
    assert found.wrong == ("db",)
    assert finding.cause == "bias_grad_mean_instead_of_sum"
    assert finding.code == "RG506"
    assert finding.file == __file__
    assert finding.line == wrong_bias.__code__.co_firstlineno + 3
    assert "db = dz.mean(axis=0)" in str(found)


def test_a_dict_will_do_and_stays_as_it_is() -> None:
    inputs = make_inputs(0)
    before = {name: array.copy() for name, array in inputs.items()}
    assert rg.diagnose(loss, wrong_bias, inputs).wrong == ("db",)
    assert all(np.array_equal(inputs[n], before[n]) for n in inputs)


def test_it_is_plain_data_as_well() -> None:
    found = rg.diagnose(loss, wrong_bias, make_inputs)
    plain = json.loads(json.dumps(found.to_dict()))
    assert plain["wrong"] == ["db"]
    assert plain["findings"][0]["cause"] == "bias_grad_mean_instead_of_sum"
    assert plain["gradients"][1]["right"] is False


def test_the_printed_lines_fit_a_terminal() -> None:
    text = str(rg.diagnose(loss, wrong_bias, make_inputs))
    facts = [line for line in text.splitlines() if "-->" not in line]
    assert max(map(len, facts)) <= 80


def test_assert_gradients_fails_with_the_diagnosis() -> None:
    assert_gradients(loss, right, make_inputs)
    with pytest.raises(DiagnosisError, match="bias") as caught:
        assert_gradients(loss, wrong_bias, make_inputs)
    assert caught.value.code == "RG506"
    assert pickle.loads(pickle.dumps(caught.value)).diagnosis.wrong == ("db",)


def test_differences_find_what_cannot_be_recorded() -> None:
    def own_dot(a: Any, b: Any) -> Any:  # plain Python that no recording sees through
        return np.array(json.loads(json.dumps((a @ b).tolist())))

    def hidden(i: Inputs) -> float:
        return float(np.mean((own_dot(i["X"], i["W"]) + i["b"]) ** 2))

    assert rg.diagnose(hidden, right, make_inputs).ok
    found = rg.diagnose(hidden, wrong_bias, make_inputs)
    assert found.wrong == ("db",)
    assert found.findings


def test_a_recorded_gradient_that_differences_do_not_confirm_is_not_believed() -> None:
    def partly(i: Inputs) -> Any:
        return np.sum(rg.stop_gradient(i["X"] @ i["W"]) ** 2) + np.sum(i["b"] ** 2)

    probe = Probe(partly, right, make_inputs)
    found, backward = truths(probe, record(partly, probe.inputs))
    x, w = probe.inputs["X"], probe.inputs["W"]
    assert backward is None
    np.testing.assert_allclose(found["W"].gradient, 2 * x.T @ (x @ w), rtol=1e-7)


def test_a_shape_that_broadcasts_is_not_right() -> None:
    def column(i: Inputs) -> Inputs:
        found = right(i)
        return {**found, "db": found["db"].reshape(-1, 1)}

    assert rg.diagnose(loss, column, make_inputs).wrong == ("db",)

    def row(i: Inputs) -> Inputs:
        found = right(i)
        return {**found, "db": found["db"].reshape(1, -1)}

    assert rg.diagnose(loss, row, make_inputs).ok


def test_a_dropout_that_draws_is_the_same_in_both() -> None:
    def forward(i: Inputs) -> Any:
        mask = np.random.rand(7, 4) < 0.5
        return mask, (i["X"] * mask) @ i["W"]

    def noisy(i: Inputs) -> float:
        return float(np.sum(forward(i)[1] ** 2))

    def gradient(i: Inputs) -> Inputs:
        mask, z = forward(i)
        return {"dW": (i["X"] * mask).T @ (2 * z)}

    state = np.random.get_state()[1].copy()  # type: ignore[union-attr]
    assert rg.diagnose(noisy, gradient, make_inputs).ok
    assert np.array_equal(np.random.get_state()[1], state)  # type: ignore[arg-type]


def test_two_mistakes_are_two_findings() -> None:
    def both(i: Inputs) -> Inputs:
        z = i["X"] @ i["W"] + i["b"]
        dz = 2 * z / z.size
        dW = -i["X"].T @ dz
        db = dz.mean(axis=0)
        return {"dW": dW, "db": db}

    found = rg.diagnose(loss, both, make_inputs)
    assert {f.cause for f in found.findings} == {"flipped_sign", "bias_grad_mean_instead_of_sum"}


@pytest.mark.parametrize(
    ("grads", "inputs", "code"),
    [
        (lambda i: [1.0], make_inputs, "RG583"),
        (lambda i: {"gradient": 1.0}, make_inputs, "RG583"),
        (right, [1.0], "RG583"),
    ],
)
def test_what_cannot_be_paired_is_refused(grads: Any, inputs: Any, code: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        rg.diagnose(loss, grads, inputs)
    assert caught.value.code == code


def test_a_loss_that_is_no_number_is_refused() -> None:
    with pytest.raises(ArgumentError) as caught:
        rg.diagnose(lambda i: i["X"] @ i["W"], right, make_inputs)
    assert caught.value.code == "RG584"
