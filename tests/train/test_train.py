"""The trainer and saved models."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import retrograd as rg
from retrograd.data import load_digits
from retrograd.layers import Dense, ReLU, Sequential, Tanh
from retrograd.losses import cross_entropy, mse
from retrograd.optimizers import SGD, Adam
from retrograd.train import evaluate, load_model, save_model

X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
Y = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)


def network() -> Sequential:
    return Sequential(Dense(8), ReLU(), Dense(3))


def test_the_same_seed_gives_the_same_bits() -> None:
    runs = []
    for seed in (1, 1, 2):
        trainer = rg.Trainer(network(), seed=seed)
        trainer.fit(X, Y, epochs=3, batch_size=7)
        assert trainer.model.flat is not None
        runs.append(trainer.model.flat.tobytes())
    assert runs[0] == runs[1] != runs[2]


def test_a_training_step_is_the_gradient_step_it_says() -> None:
    trainer = rg.Trainer(network(), cross_entropy, SGD(0.5), dtype=np.float64)
    trainer.model.build(3, trainer.rng, np.float64)
    assert trainer.model.flat is not None
    before = trainer.model.flat.copy()
    _, gradients = trainer.step(X.astype(np.float64), Y)
    trainer.fit(X, Y, epochs=1, batch_size=len(X))
    flat = np.concatenate([g.ravel() for g in gradients])
    np.testing.assert_allclose(trainer.model.flat, before - 0.5 * flat, rtol=1e-9, atol=1e-12)


def test_history_validation_and_calls() -> None:
    seen: list[tuple[int, int]] = []
    epochs: list[int] = []
    trainer = rg.Trainer(network(), optimizer=Adam(0.01))
    history = trainer.fit(
        X, Y, epochs=4, batch_size=16, validation=(X, Y),
        on_batch=lambda done, n: seen.append((done, n)),
        on_epoch=lambda epoch: epochs.append(epoch.number),
    )  # fmt: skip
    assert seen[:3] == [(16, 40), (32, 40), (40, 40)]
    assert epochs == [1, 2, 3, 4] and len(history.losses) == 4
    assert history.losses[-1] < history.losses[0]
    last = history.epochs[-1]
    score = evaluate(trainer.model, cross_entropy, X, Y)
    assert last.validation_accuracy == score.accuracy
    assert last.validation_loss == pytest.approx(score.loss)


def test_regression_learns_a_line() -> None:
    x = np.linspace(-1, 1, 32).reshape(-1, 1)
    trainer = rg.Trainer(Sequential(Dense(1)), mse, SGD(0.2, momentum=0.5))
    trainer.fit(x, 3 * x - 1, epochs=200, batch_size=8)
    parameters = trainer.model.named_parameters()
    assert parameters["W1"].item() == pytest.approx(3, abs=1e-3)
    assert parameters["b1"].item() == pytest.approx(-1, abs=1e-3)
    assert evaluate(trainer.model, mse, x.astype(np.float32), (3 * x - 1)).accuracy is None


def test_the_digits_are_learned() -> None:
    data = load_digits()
    assert data.X_train.shape == (1437, 64) and data.X_test.shape == (360, 64)
    trainer = rg.Trainer(Sequential(Dense(64), Tanh(), Dense(10)), optimizer=Adam(3e-3))
    trainer.fit(data.X_train, data.y_train, epochs=15)
    accuracy = evaluate(trainer.model, cross_entropy, data.X_test, data.y_test).accuracy
    assert accuracy is not None and accuracy > 0.95


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda t: t.fit(X, Y, epochs=0), "RG601"),
        (lambda t: t.fit(X, Y, batch_size=-1), "RG601"),
        (lambda t: t.fit(X, Y, batch_size=2.5), "RG601"),
        (lambda t: t.fit(X[0], Y), "RG604"),
        (lambda t: t.fit(X[:, :, None], Y), "RG604"),
        (lambda t: t.fit(X, Y[:-1]), "RG604"),
        (lambda t: t.fit(X[:0], Y[:0]), "RG604"),
        (lambda t: t.fit(X * np.nan, Y), "RG303"),
        (lambda t: t.fit(X.astype(str), Y), "RG601"),
        (lambda t: t.fit(X, Y + 1), "RG202"),
        (lambda t: t.fit(X, Y - 1), "RG202"),
        (lambda t: t.fit(X, Y.astype(float)), "RG201"),
        (lambda t: rg.Trainer(network(), dtype=np.float16), "RG601"),
    ],
)
def test_bad_input_has_a_code_and_changes_nothing(call: Any, code: str) -> None:
    trainer = rg.Trainer(network())
    trainer.model.build(3, trainer.rng)
    assert trainer.model.flat is not None
    before = trainer.model.flat.copy()
    with pytest.raises(rg.RetrogradError) as caught:
        call(trainer)
    assert caught.value.code == code
    np.testing.assert_array_equal(trainer.model.flat, before)


def test_training_stops_when_the_loss_is_no_number() -> None:
    trainer = rg.Trainer(Sequential(Dense(3)), mse, SGD(1e10))
    with np.errstate(all="ignore"), pytest.raises(rg.RetrogradError, match=r"RG301.*epoch"):
        trainer.fit(X, X, epochs=50)


# saved models


def saved(tmp_path: Path) -> tuple[Sequential, Path]:
    model = network()
    model.build(3, np.random.default_rng(0))
    return model, save_model(model, tmp_path / "run", {"seed": 3})


def test_a_model_comes_back_as_it_was(tmp_path: Path) -> None:
    model, file = saved(tmp_path)
    assert file.name == "model.safetensors"
    loaded, about = load_model(tmp_path / "run")
    assert about == {"seed": 3}
    np.testing.assert_array_equal(loaded(X), model(X))
    assert [type(a) for a in loaded.layers] == [type(b) for b in model.layers]
    assert [p.name for p in file.parent.iterdir()] == ["model.safetensors"]


def test_a_damaged_model_is_refused_at_every_byte(tmp_path: Path) -> None:
    _, file = saved(tmp_path)
    content = file.read_bytes()
    for position in range(0, len(content), 7):
        damaged = bytearray(content)
        damaged[position] ^= 1 << (position % 8)
        file.write_bytes(bytes(damaged))
        with pytest.raises(rg.RetrogradError, match="RG704"):
            load_model(file.parent)
    for length in range(0, len(content), 31):
        file.write_bytes(content[:length])
        with pytest.raises(rg.RetrogradError, match="RG704"):
            load_model(file.parent)


def test_a_failed_save_leaves_the_old_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, file = saved(tmp_path)
    before = file.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert model.flat is not None
    model.flat[:] = 0
    with pytest.raises(rg.RetrogradError, match=r"RG703.*No space left"):
        save_model(model, tmp_path / "run")
    assert file.read_bytes() == before
    assert [p.name for p in file.parent.iterdir()] == ["model.safetensors"]
