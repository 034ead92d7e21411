"""The sigmoid, as one operation: its lines are safe, and its gradient comes from its result."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.ops.dispatch import recordable
from retrograd.ops.samples import unary
from retrograd.ops.table import op


def _sigmoid(x: Any) -> Any:
    return np.exp(-np.logaddexp(0, -x))


@recordable
def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)), elementwise, without overflow and with all its digits.

    Args:
        x: any shape.

    Returns:
        Numbers from 0 to 1, in the shape of x.

    >>> sigmoid(np.array([0.0, -1000.0, np.log(3.0)])).round(3).tolist()
    [0.5, 0.0, 0.75]
    """
    return _sigmoid(x)


@op(sigmoid, run=_sigmoid, lower=_sigmoid, elementwise=True, letter="a", samples=unary())
def sigmoid_(g: Any, out: Any, x: Any) -> Any:
    """1 / (1 + exp(-x)): d_x = g * out * (1 - out), from the result.

    Source: Bishop, Pattern Recognition and Machine Learning (2006), eq. 4.88.
    """
    return (g * out * (1 - out),)
