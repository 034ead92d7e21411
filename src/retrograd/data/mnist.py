"""MNIST: 70,000 handwritten digits of 28×28 pixels, from its four original files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from retrograd.data.dataset import Array, Dataset
from retrograd.data.idx import read_idx
from retrograd.errors import ArgumentError, DataError

_PARTS = {"train": "train", "test": "t10k"}
_SIDE = 28
CLASSES = 10


def load_mnist(directory: str | Path, dtype: Any = np.float32) -> Dataset:
    """The four IDX files, checked and scaled.

    Args:
        directory: where train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte
            and t10k-labels-idx1-ubyte are, plain or as .gz.
        dtype: float32 or float64: pixels from 0 to 1. uint8: from 0 to 255, as they are in the
            files, a quarter of the memory, for a network that begins with `layers.Rescale()`.

    Returns:
        Pixels, 784 a row; labels 0 to 9.

    Raises:
        ArgumentError: RG601, another dtype.
        DataError: RG701, no such directory or file; RG702, a file that is not what it should be:
            magic number, size, length, counts that differ, labels above 9.

    Source: LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document
    recognition" (1998).
    """
    folder = Path(directory)
    kind = np.dtype(dtype)
    if kind not in (np.float32, np.float64, np.uint8):
        raise ArgumentError("RG601", f"dtype must be float32, float64 or uint8, not {kind}")
    found = {part: _read(folder, name, kind) for part, name in _PARTS.items()}
    (X_train, y_train), (X_test, y_test) = found["train"], found["test"]
    return Dataset("mnist", X_train, y_train, X_test, y_test, classes=CLASSES)


def _read(folder: Path, name: str, dtype: Any) -> tuple[Array, Array]:
    images_file = _find(folder, f"{name}-images-idx3-ubyte")
    labels_file = _find(folder, f"{name}-labels-idx1-ubyte")
    images, labels = read_idx(images_file, axes=3), read_idx(labels_file, axes=1)
    if images.shape[1:] != (_SIDE, _SIDE):
        raise DataError(
            "RG702", f"{images_file} holds images of {images.shape[1:]}, not (28, 28) pixels"
        )
    if len(images) != len(labels):
        raise DataError(
            "RG702", f"{images_file} holds {len(images)} images, {labels_file} {len(labels)} labels"
        )
    if len(labels) == 0:
        raise DataError("RG702", f"{images_file} holds no images")
    if labels.max() >= CLASSES:
        first = int(np.argmax(labels >= CLASSES))
        raise DataError(
            "RG702", f"{labels_file} has label {labels[first]} at {first}, and digits end at 9"
        )
    pixels = images.reshape(len(images), -1).astype(dtype, copy=False)
    if dtype != np.uint8:
        pixels /= 255
    return pixels, labels.astype(np.int64)


def _find(folder: Path, name: str) -> Path:
    candidates = [folder / f"{name}.gz", folder / name]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    what = (
        "there is no such directory"
        if not folder.is_dir()
        else f"it has neither {name}.gz nor {name}"
    )
    raise DataError(
        "RG701",
        f"no MNIST in {folder}: {what}",
        help="give the directory that holds the four files with --data DIR",
    )
