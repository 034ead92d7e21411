"""A data set for classification, split into training and test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Dataset:
    """Features and class numbers.

    Attributes:
        name: what it is called.
        X_train: (N, D), float32.
        y_train: (N,), whole numbers from 0.
        X_test: (M, D), float32.
        y_test: (M,), whole numbers from 0.
        classes: the number of classes C.
    """

    name: str
    X_train: Array
    y_train: Array
    X_test: Array
    y_test: Array
    classes: int
