"""Layers and the network: shapes, initialization, one flat buffer, bad input."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

import retrograd as rg
from oracles import central_differences
from retrograd.layers import Dense, ReLU, Sequential, Sigmoid, Softmax, Tanh


def built(*layers: Any, features: int = 4) -> Sequential:
    model = Sequential(*layers)
    model.build(features, np.random.default_rng(0), np.float64)
    return model


@pytest.mark.parametrize(
    ("layer", "reference"),
    [
        (ReLU(), jax.nn.relu),
        (Tanh(), jax.numpy.tanh),
        (Sigmoid(), jax.nn.sigmoid),
        (Softmax(), lambda z: jax.nn.softmax(z, axis=1)),
    ],
)
def test_activations_agree_with_jax_over_the_whole_range(layer: Any, reference: Any) -> None:
    z = np.array([[-1e4, -30.0, -1.0, 0.5], [0.25, 1.0, 40.0, 1e4]])
    np.testing.assert_allclose(layer(z), reference(z), rtol=1e-12, atol=1e-300)
    g = np.random.default_rng(0).normal(size=z.shape)
    (found,) = rg.vjp(layer, z)[1](g)
    assert np.isfinite(found).all()
    (expected,) = jax.vjp(reference, z)[1](g)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_initialization_has_the_variances_of_the_papers() -> None:
    he = built(Dense(400), ReLU(), features=500).layers[0]
    glorot = built(Dense(400), Tanh(), features=500).layers[0]
    assert isinstance(he, Dense) and isinstance(glorot, Dense)
    assert he.W.var() == pytest.approx(2 / 500, rel=0.02)
    assert glorot.W.var() == pytest.approx(2 / 900, rel=0.02)
    assert not he.b.any()


def test_parameters_are_views_of_one_buffer() -> None:
    model = built(Dense(5), ReLU(), Dense(3))
    parameters = model.named_parameters()
    assert list(parameters) == ["W1", "b1", "W2", "b2"]
    assert model.flat is not None and model.flat.size == sum(p.size for p in parameters.values())
    assert all(np.shares_memory(p, model.flat) for p in parameters.values())
    model.flat[:] = 2.0
    assert (model.named_parameters()["W2"] == 2.0).all()


def test_the_gradient_of_a_network_agrees_with_differences() -> None:
    model = built(Dense(5), Tanh(), Dense(6), Sigmoid(), Dense(3), Softmax())
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(7, 4)), rng.normal(size=(7, 3))
    names = list(model.named_parameters())
    _, gradients = rg.value_and_grad(lambda x, y: rg.losses.mse(model(x), y), wrt=names)(x, y)
    for name, gradient in zip(names, gradients, strict=True):
        array = model.named_parameters()[name]
        before = array.copy()

        def loss(value: Any, array: Any = array) -> Any:
            array[...] = value
            return rg.losses.mse(model(x), y)

        numeric = central_differences(loss, [before], 1.0, 0)
        array[...] = before
        np.testing.assert_allclose(gradient, numeric, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: Dense(0), "RG601"),
        (lambda: Dense(2.5), "RG601"),  # type: ignore[arg-type]
        (lambda: Dense(True), "RG601"),
        (lambda: Dense(3, "xavier"), "RG601"),
        (lambda: Sequential(), "RG602"),
        (lambda: Sequential(Dense(3), np.tanh), "RG602"),
        (lambda: Sequential(Dense(3))(np.ones((2, 4))), "RG603"),
        (lambda: built(Dense(3))(np.ones((2, 5))), "RG105"),
        (lambda: built(Dense(3)).set_parameters({"W1": np.ones((4, 2)), "x": np.ones(1)}), "RG106"),
    ],
)
def test_bad_input_has_a_code(make: Any, code: str) -> None:
    with pytest.raises(rg.RetrogradError) as caught:
        make()
    assert caught.value.code == code


def test_parameters_that_do_not_fit_change_nothing() -> None:
    model = built(Dense(3))
    assert model.flat is not None
    before = model.flat.copy()
    with pytest.raises(rg.RetrogradError, match="b1 is missing"):
        model.set_parameters({"W1": np.zeros((4, 3))})
    np.testing.assert_array_equal(model.flat, before)
