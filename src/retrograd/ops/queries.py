"""What an array answers without computing, and what it takes in another form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

QUERIES: dict[Any, Callable[[Any], Any]] = {  # what is known without computing
    np.ndim: lambda x: x.ndim,
    np.shape: lambda x: x.shape,
    np.size: lambda x: x.size,
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
