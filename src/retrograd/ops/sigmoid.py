"""The sigmoid and its logarithm, each as one operation whose lines are safe from overflow."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.ops.dispatch import recordable
from retrograd.ops.samples import call, normal, unary
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


def _log_sigmoid(x: Any, *, negative: bool = False) -> Any:
    return -np.logaddexp(0, x if negative else -x)


@recordable
def log_sigmoid(x: Any, negative: bool = False) -> Any:
    """log(sigmoid(x)), elementwise, exact where the sigmoid underflows.

    Args:
        x: any shape.
        negative: take log(sigmoid(-x)) = log(1 - sigmoid(x)).

    Returns:
        Numbers up to 0, in the shape of x.

    >>> log_sigmoid(np.array([0.0, -1000.0])).round(3).tolist()
    [-0.693, -1000.0]
    """
    return _log_sigmoid(x, negative=negative)


@op(
    log_sigmoid,
    run=_log_sigmoid,
    lower=_log_sigmoid,
    elementwise=True,
    note="log of the sigmoid",
    letter="log_p",
    samples=[*unary(), call(normal(3, 4), negative=True)],
)
def log_sigmoid_(g: Any, out: Any, x: Any, *, negative: bool = False) -> Any:
    """log(p) of p = sigmoid(x): d_x = g * (1 - p); of 1 - p: d_x = -g * p.

    With -y and y - 1 for g, the gradients of the binary cross-entropy, the two add up to p - y.
    Source: Bishop, Pattern Recognition and Machine Learning (2006), eq. 4.91.
    """
    p = sigmoid(x)
    return (-(g * p) if negative else g * (1 - p),)
