"""Dropout, batch normalization and networks of all layers in training, and their files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import retrograd as rg
from retrograd.layers import (
    Activation,
    AvgPool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    GroupNorm,
    LayerNorm,
    MaxPool2D,
    ReLU,
    Rescale,
    Residual,
    RMSNorm,
    Sequential,
)
from retrograd.train import load_model, save_model

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(20, 6))
IMAGES = RNG.normal(size=(20, 2, 6, 6))
WORDS = RNG.integers(0, 9, size=(20, 5))
y = RNG.integers(0, 3, size=20)


def network(kind: str) -> tuple[Sequential, Any]:
    if kind == "rows":
        block = Residual(Dense(8), LayerNorm(), Activation("gelu"), Dense(8))
        return Sequential(Dense(8), BatchNorm(), ReLU(), Dropout(0.3), block, Dense(3)), ROWS
    if kind == "nested":
        inner = Sequential(Dense(8), BatchNorm(), ReLU())
        deep = Residual(Residual(Dense(8), ReLU()), Dense(6), shortcut=Dense(6))
        return Sequential(Dropout(0.2), inner, deep, BatchNorm(), Dense(3)), ROWS
    if kind == "images":
        return Sequential(
            Conv2D(4, 3, padding=1), BatchNorm(), ReLU(), MaxPool2D(2),
            Conv2D(4, 3, padding="same"), GroupNorm(2), AvgPool2D(3), Flatten(), Dense(3),
        ), IMAGES  # fmt: skip
    return Sequential(Embedding(9, 4), RMSNorm(), Flatten(), Dense(3)), WORDS


KINDS = ("rows", "nested", "images", "words")


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_of_all_parameters_agree_with_differences(kind: str) -> None:
    model, X = network(kind)
    trainer = rg.Trainer(model, dtype=np.float64)
    trainer.fit(X, y, epochs=1, batch_size=20)
    for layer in model.inner():
        layer.draw(np.random.default_rng(1), len(X))
    gradients = trainer.step(X, y)[1]
    flat = model.flat
    assert flat is not None
    found = np.concatenate([g.ravel() for g in gradients])
    start, direction = flat.copy(), RNG.normal(size=flat.size)

    def loss(step: Any) -> float:
        flat[:] = start + step * direction
        model.train()
        result = rg.losses.cross_entropy(model(X), y)
        model.train(False)
        flat[:] = start
        return float(result)

    numeric = (loss(1e-6) - loss(-1e-6)) / 2e-6
    assert float(found @ direction) == pytest.approx(numeric, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_training_lowers_the_loss_and_a_saved_model_predicts_the_same(
    kind: str, tmp_path: Path
) -> None:
    model, X = network(kind)
    trainer = rg.Trainer(model, optimizer=rg.optimizers.AdamW(0.01), seed=3)
    history = trainer.fit(X, y, epochs=30, batch_size=7)
    assert history.epochs[-1].loss < 0.8 * history.epochs[0].loss
    assert not any(layer.training for layer in model.inner())
    save_model(model, tmp_path)
    loaded, _ = load_model(tmp_path)
    given = X if kind == "words" else X.astype(np.float32)
    np.testing.assert_array_equal(loaded(given), model(given))


def test_the_same_seed_gives_the_same_masks() -> None:
    runs = []
    for _ in range(2):
        model, X = network("rows")
        rg.Trainer(model, seed=5).fit(X, y, epochs=2, batch_size=8)
        assert model.flat is not None
        runs.append(model.flat.copy())
    np.testing.assert_array_equal(*runs)


def test_dropout_keeps_the_mean_and_its_share() -> None:
    layer = Dropout(0.3)
    layer.build(1000, np.random.default_rng(0), np.float64)
    layer.draw(np.random.default_rng(1), 200)
    assert set(np.unique(layer.mask)) == {0.0, 1 / 0.7}
    assert layer.mask.mean() == pytest.approx(1.0, abs=0.01)
    layer.training = True
    x = np.ones((200, 1000))
    np.testing.assert_array_equal(layer(x), layer.mask)
    with pytest.raises(rg.RetrogradError, match="RG105"):
        layer(x[:7])


def test_dropout_and_batch_normalization_are_readable_lines() -> None:
    model, X = network("rows")
    trainer = rg.Trainer(model)
    trainer.fit(X, y, epochs=1, batch_size=20)
    source = trainer.step.source(X.astype(np.float32), y)
    assert "* mask1" in source
    assert "mean1 = z1.mean(axis=0, keepdims=True)" in source
    assert "dgamma1 = " in source


def test_parameters_of_all_layers_have_names_of_their_own() -> None:
    model = Sequential(BatchNorm(), BatchNorm(), Dense(3), BatchNorm(), Residual(Dense(3)))
    model.build(4, np.random.default_rng(0), np.float64)
    names = list(model.named_parameters())
    assert len(names) == len(set(names)) == 10
    assert model.flat is not None
    assert model.flat.size == sum(a.size for a in model.named_parameters().values())


def test_a_layer_cannot_stand_twice_also_inside_another() -> None:
    layer = Dense(4)
    with pytest.raises(rg.RetrogradError, match="RG602"):
        Sequential(layer, Residual(layer))


def test_a_schedule_sets_the_learning_rate_of_each_epoch() -> None:
    rates: list[float] = []
    optimizer = rg.optimizers.SGD(0.1)
    trainer = rg.Trainer(
        Sequential(Dense(3)),
        optimizer=optimizer,
        schedule=rg.optimizers.schedules.StepLR(0.5, 2, 0.1),
    )
    trainer.fit(ROWS, y, epochs=4, on_epoch=lambda epoch: rates.append(optimizer.learning_rate))
    trainer.fit(ROWS, y, epochs=1, on_epoch=lambda epoch: rates.append(optimizer.learning_rate))
    assert rates == pytest.approx([0.5, 0.5, 0.05, 0.05, 0.005])


def test_pixels_have_classes_too() -> None:
    targets = RNG.integers(0, 3, size=(20, 6, 6))
    trainer = rg.Trainer(Sequential(Conv2D(3, 3, padding=1)))
    history = trainer.fit(IMAGES, targets, epochs=1, validation=(IMAGES, targets))
    accuracy = history.epochs[-1].validation_accuracy
    assert accuracy is not None and 0 < accuracy < 1


BAD = [
    ("RG105", lambda: Sequential(Conv2D(3, 3)).build(6, RNG)),
    ("RG105", lambda: Sequential(GroupNorm(4)).build((6, 3, 3), RNG)),
    ("RG105", lambda: Sequential(Residual(Dense(3))).build(6, RNG)),
    ("RG108", lambda: Sequential(Conv2D(3, 9)).build((2, 6, 6), RNG)),
    ("RG601", lambda: Dropout(1.0)),
    ("RG601", lambda: Dropout("a")),  # type: ignore[arg-type]
    ("RG601", lambda: BatchNorm(momentum=2.0)),
    ("RG601", lambda: BatchNorm(epsilon=0.0)),
    ("RG601", lambda: LayerNorm(axes=0)),
    ("RG601", lambda: GroupNorm(0)),
    ("RG601", lambda: Embedding(0, 3)),
    ("RG601", lambda: Embedding(3, 3, padding=3)),
    ("RG601", lambda: Conv2D(0, 3)),
    ("RG601", lambda: Conv2D(3, 0)),
    ("RG601", lambda: Conv2D(3, 3, stride=0)),
    ("RG601", lambda: Conv2D(3, 3, padding=-1)),
    ("RG601", lambda: Activation("swish")),
    ("RG602", lambda: Residual()),
]


@pytest.mark.parametrize(("code", "make"), BAD)
def test_bad_arguments_get_a_code(code: str, make: Any) -> None:
    with pytest.raises(rg.RetrogradError) as caught:
        make()
    assert caught.value.code == code


def test_words_without_a_row_are_refused() -> None:
    layer = Embedding(5, 2)
    layer.build(3, RNG, np.float64)
    for bad, code in ((np.array([[5]]), "RG202"), (np.array([[-1]]), "RG202"), (ROWS, "RG201")):
        with pytest.raises(rg.RetrogradError, match=code):
            layer(bad)


def test_pixels_are_rescaled_in_the_network() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 6), dtype=np.uint8)
    labels = np.arange(40) % 3
    found = []
    for backend in ("numpy", "compiled"):
        model = Sequential(Rescale(1 / 255), Dense(3))
        trainer = rg.Trainer(model, backend=backend)
        losses = trainer.fit(pixels, labels, epochs=2, batch_size=16).losses
        found.append((losses, model(pixels)))
    plain = rg.Trainer(Sequential(Dense(3)), backend="numpy")
    losses = plain.fit(pixels.astype(np.float32) / 255, labels, epochs=2, batch_size=16).losses
    for own, output in found:
        assert own == pytest.approx(losses, rel=1e-5)
        np.testing.assert_allclose(
            output, plain.model(pixels / np.float32(255)), rtol=1e-4, atol=1e-6
        )
    with pytest.raises(rg.RetrogradError, match="RG601"):
        Rescale(0)
