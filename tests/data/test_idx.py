"""Readers: MNIST's files are checked; the real ones load where RETROGRAD_DATA says they are."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import retrograd as rg
from retrograd.data import idx, load_mnist

LABELS = np.array([3, 1, 4, 1, 5, 9], dtype=np.uint8)
IMAGES = np.random.default_rng(0).integers(0, 256, size=(6, 28, 28), dtype=np.uint8)


def encoded(array: Any) -> bytes:
    sizes = b"".join(n.to_bytes(4, "big") for n in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


def written(folder: Path, compress: bool = False, **changed: bytes) -> Path:
    parts = {
        "train-images-idx3-ubyte": encoded(IMAGES),
        "train-labels-idx1-ubyte": encoded(LABELS),
        "t10k-images-idx3-ubyte": encoded(IMAGES[:2]),
        "t10k-labels-idx1-ubyte": encoded(LABELS[:2]),
    }
    for name, content in parts.items():
        content = changed.get(name.split("-idx")[0].replace("-", "_"), content)
        file = folder / (name + ".gz" if compress else name)
        file.write_bytes(gzip.compress(content) if compress else content)
    return folder


@pytest.mark.parametrize("compress", [False, True])
def test_four_good_files(tmp_path: Path, compress: bool) -> None:
    data = load_mnist(written(tmp_path, compress))
    assert data.X_train.shape == (6, 784) and data.X_train.dtype == np.float32
    np.testing.assert_allclose(data.X_train * 255, IMAGES.reshape(6, -1), rtol=1e-6)
    assert data.y_test.tolist() == [3, 1]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"train_images": encoded(LABELS)}, "ends after 14 bytes"),
        ({"train_labels": encoded(IMAGES)}, "magic number is 0x00000803"),
        ({"train_images": encoded(IMAGES)[:-1]}, "holds 4703"),
        ({"train_images": encoded(IMAGES) + b"x"}, "holds 4705"),
        ({"train_images": b"\x00\x00\x08\x03\xff\xff\xff\xff" * 2}, "bytes and holds 0"),
        ({"train_images": encoded(IMAGES[:, :27])}, r"\(27, 28\)"),
        ({"train_labels": encoded(LABELS[:5])}, "6 images.*5 labels"),
        ({"train_labels": encoded(LABELS + 250)}, "label 253 at 0"),
        ({"t10k_labels": b""}, "ends after 0 bytes"),
        ({"t10k_labels": b"<!DOCTYPE html><html></html>"}, "magic number"),
        ({"t10k_images": encoded(IMAGES[:0]), "t10k_labels": encoded(LABELS[:0])}, "no images"),
    ],
)
def test_files_that_are_not_what_they_should_be(tmp_path: Path, changed: Any, message: str) -> None:
    with pytest.raises(rg.RetrogradError, match=f"(?s)RG702.*{message}"):
        load_mnist(written(tmp_path, **changed))


def test_damaged_and_huge_gzip_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, compress=True)
    file = tmp_path / "train-images-idx3-ubyte.gz"
    whole = file.read_bytes()
    for content in (whole[:-20], whole[:20], whole[:100] + b"\x00" + whole[101:]):
        file.write_bytes(content)
        with pytest.raises(rg.RetrogradError, match="RG702"):
            load_mnist(tmp_path)
    monkeypatch.setattr(idx, "LARGEST", 1000)
    file.write_bytes(whole)
    with pytest.raises(rg.RetrogradError, match="holds more than"):
        load_mnist(tmp_path)


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(rg.RetrogradError, match="no such directory"):
        load_mnist(tmp_path / "nowhere")
    with pytest.raises(rg.RetrogradError, match="train-images-idx3-ubyte"):
        load_mnist(tmp_path)


def mnist_directory() -> Path:
    found = os.environ.get("RETROGRAD_DATA")
    if not found:
        pytest.skip("RETROGRAD_DATA is not set: it names the directory that holds mnist/")
    directory = Path(found) / "mnist"
    if not directory.is_dir():
        pytest.skip(f"RETROGRAD_DATA has no mnist/: {directory}")
    return directory


def test_the_real_files() -> None:
    data = load_mnist(mnist_directory())
    assert data.X_train.shape == (60000, 784) and data.X_test.shape == (10000, 784)
    assert data.y_train[:5].tolist() == [5, 0, 4, 1, 9]  # as published
    assert data.X_train.min() == 0 and data.X_train.max() == 1


def test_the_network_of_the_first_issue_learns_mnist() -> None:
    from retrograd.layers import Dense, ReLU, Sequential
    from retrograd.train import evaluate

    data = load_mnist(mnist_directory())
    trainer = rg.Trainer(Sequential(Dense(128), ReLU(), Dense(10)))
    trainer.fit(data.X_train, data.y_train, epochs=5, batch_size=128)
    accuracy = evaluate(trainer.model, trainer.loss, data.X_test, data.y_test).accuracy
    assert accuracy is not None and accuracy >= 0.970


def test_pixels_as_they_are(tmp_path: Path) -> None:
    data = load_mnist(written(tmp_path), dtype=np.uint8)
    assert data.X_train.dtype == np.uint8
    assert np.array_equal(data.X_train, IMAGES.reshape(6, -1))
    with pytest.raises(rg.RetrogradError, match="RG601"):
        load_mnist(tmp_path, dtype=np.int32)
