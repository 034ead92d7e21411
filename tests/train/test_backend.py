"""The trainer with compiled steps: the same network, the same messages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import retrograd as rg
from retrograd.errors import ArgumentError, NumericsError
from retrograd.layers import Conv2D, Dense, Dropout, Flatten, ReLU, Sequential
from retrograd.optimizers import SGD
from retrograd.train.duration import is_long

pytest.importorskip("numba")

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(90, 6)).astype(np.float32), RNG.integers(0, 3, 90)


def trained(backend: str, x: Any = X, **options: Any) -> tuple[rg.Trainer, list[float]]:
    model = Sequential(Dense(8), ReLU(), Dense(3))
    trainer = rg.Trainer(model, optimizer=SGD(0.1, momentum=0.9), seed=4, backend=backend)
    history = trainer.fit(x, Y, epochs=4, batch_size=16, **options)
    return trainer, [epoch.loss for epoch in history.epochs]


def test_both_train_to_the_same_loss() -> None:
    (one, plain), (two, fast) = trained("numpy"), trained("compiled")
    assert fast == pytest.approx(plain, rel=1e-5)
    assert one.model.flat is not None
    assert two.model.flat is not None
    np.testing.assert_allclose(two.model.flat, one.model.flat, rtol=1e-3, atol=1e-5)
    assert one.optimizer.steps == two.optimizer.steps == 4 * 6


def test_each_batch_is_told() -> None:
    told: list[tuple[int, int]] = []
    _, losses = trained("compiled", on_batch=lambda done, n: told.append((done, n)))
    assert told[:6] == [(16, 90), (32, 90), (48, 90), (64, 90), (80, 90), (90, 90)]
    assert losses == pytest.approx(trained("compiled")[1], rel=1e-6)


@pytest.mark.filterwarnings("ignore::retrograd.LikelyMistake")
def test_whole_numbers_stay_what_they_are() -> None:
    pixels = np.abs(X * 4).astype(np.uint8)
    assert trained("compiled", pixels)[1] == trained("compiled", pixels.astype(np.float32))[1]
    assert trained("numpy", pixels)[1] == trained("numpy", pixels.astype(np.float32))[1]


def test_a_loss_that_is_not_finite_says_where() -> None:
    model = Sequential(Dense(8), ReLU(), Dense(3))
    trainer = rg.Trainer(model, optimizer=SGD(1e30), seed=4, backend="compiled")
    with pytest.raises(NumericsError, match=r"RG301.*epoch 1, batch \d"):
        trainer.fit(X, Y, epochs=3, batch_size=16)


@pytest.mark.parametrize(
    "layers",
    [
        [Dense(8), Dropout(0.5), Dense(3)],
        [Conv2D(2, 3), Flatten(), Dense(3)],
    ],
)
def test_what_has_no_compiled_form_trains_as_text(layers: Any) -> None:
    x = X if not isinstance(layers[0], Conv2D) else RNG.normal(size=(90, 1, 5, 5))
    trainer = rg.Trainer(Sequential(*layers), optimizer=SGD(0.1), backend="compiled")
    history = trainer.fit(x.astype(np.float32), Y, epochs=3, batch_size=30)
    assert history.epochs[-1].loss < history.epochs[0].loss


def test_auto_goes_by_the_sizes() -> None:
    assert is_long(60000, 128, 5, 101_770)
    assert not is_long(1797, 32, 10, 4_810)
    with pytest.raises(ArgumentError, match="RG601"):
        rg.Trainer(Sequential(Dense(3)), backend="fast")
