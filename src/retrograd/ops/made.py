"""NumPy's creating functions for our own code: recorded while recording, from sizes too."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.ops.create import constant_array
from retrograd.program import Constant, current_book


def _made(function: Any, *args: Any, **kwargs: Any) -> Any:
    book = current_book()
    return function(*args, **kwargs) if book is None else book.recorder.call(function, args, kwargs)


def arange(*bounds: Any) -> Any:
    """Whole numbers in a row."""
    return _made(np.arange, *bounds)


def zeros(shape: Any, dtype: Any = None) -> Any:
    """Zeros."""
    return _made(np.zeros, shape, dtype=dtype)


def eye(n: Any, dtype: Any = None) -> Any:
    """Ones on the diagonal."""
    return _made(np.eye, n, dtype=dtype)


def constant(thing: Any) -> Any:
    """An array that stands in the program itself; a symbol as it is."""
    book = current_book()
    if book is None or type(thing) not in (list, tuple, np.ndarray):
        return thing
    array = np.asarray(thing)
    return book.recorder.call(constant_array, (Constant(array),), {})
