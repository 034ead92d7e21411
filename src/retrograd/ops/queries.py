"""What an array answers without computing, and what it takes in another form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def size_along(a: Any, axis: int | None = None) -> Any:
    """np.size(a, axis): the number of elements, or that of one axis."""
    return a.size if axis is None else a.shape[axis]


QUERIES: dict[Any, Callable[[Any], Any]] = {  # what is known without computing
    np.ndim: lambda x: x.ndim,
    np.shape: lambda x: x.shape,
    np.size: size_along,
    np.copy: lambda x: x.copy(),
    np.ravel: lambda x: x.ravel(),
    np.real: lambda x: x,
    np.iscomplexobj: lambda x: x.dtype.kind == "c",
    np.isrealobj: lambda x: x.dtype.kind != "c",
}


def by_columns(x: Any, shape: Any) -> Any:
    """np.reshape(x, shape, order="F"): the first index runs fastest."""
    turned = [shape] if np.ndim(shape) == 0 else list(shape)
    return np.transpose(np.reshape(np.transpose(x), turned[::-1]))
