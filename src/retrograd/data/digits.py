"""The handwritten digits that scikit-learn ships: 1,797 images of 8×8 pixels."""

from __future__ import annotations

import numpy as np

from retrograd.data.dataset import Dataset


def load_digits(seed: int = 0) -> Dataset:
    """The digits, 80 % for training and 20 % for the test, each class in the same proportion.

    Args:
        seed: decides which images are in the test set.

    Returns:
        Pixels from 0 to 1, float32, 64 a row; labels 0 to 9. 1,437 and 360 images.

    Source: Alpaydin and Kaynak, "Optical Recognition of Handwritten Digits" (1998), UCI repository.
    """
    from sklearn.datasets import load_digits as load
    from sklearn.model_selection import train_test_split

    X, y = load(return_X_y=True)
    X = (X / 16.0).astype(np.float32)
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_size=0.2, stratify=y, random_state=seed
    )
    return Dataset("digits", X_train, y_train, X_test, y_test, classes=10)
