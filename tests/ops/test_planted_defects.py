"""Wrong rules, planted in the table one at a time: each is caught, by name, and nothing else."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from checking import check_samples

from retrograd.ops import TABLE, Op
from retrograd.ops.reduce import spread
from retrograd.ops.softmax import softmax

Rule = Callable[..., Any]


def turned(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


DEFECTS: dict[str, Rule] = {
    "tanh": lambda g, out, x: (g * (1 - out),),  # not squared
    "sigmoid": lambda g, out, x: (g * out,),  # a factor is missing
    "softmax": lambda g, out, x, axis: (g * out * (1 - out),),  # the Jacobian's diagonal
    "log_softmax": lambda g, out, x, axis: (g - softmax(x, axis=axis),),  # without the sum
    "logsumexp": lambda g, out, x, axis, keepdims=False: (  # the softmax of another axis
        spread(g, x, axis, keepdims) * softmax(x, axis=None),
    ),
    "divide": lambda g, out, x, y: (g / y, g * out / y),  # a sign
    "power": lambda g, out, x, y: (g * x ** (y - 1), None),  # the exponent as a factor
    "sqrt": lambda g, out, x: (g / out,),  # a 2
    "log": lambda g, out, x: (g * x,),  # upside down
    "mean": lambda g, out, x, axis=None, keepdims=False: (spread(g, x, axis, keepdims) * 1.0,),
    "max": lambda g, out, x, axis=None, keepdims=False: (  # to all, not to the largest
        spread(g, x, axis, keepdims) * np.ones_like(x),
    ),
    "var": lambda g, out, x, axis=None, ddof=0, keepdims=False: (  # the mean left out
        spread(g, x, axis, keepdims) * 2 * x / np.size(x),
    ),
    "cumsum": lambda g, out, x, axis=None: (  # not reversed
        np.reshape(np.cumsum(g, axis=axis), np.shape(x)),
    ),
    "matmul": lambda g, out, x, y: (0 * x, 0 * y),  # dropped
    "inv": lambda g, out, x: (turned(out) @ g @ turned(out),),  # a sign
    "det": lambda g, out, x: (np.reshape(g * out, (*np.shape(out), 1, 1)) * np.linalg.inv(x),),
    "norm": lambda g, out, x, axis=None, keepdims=False, ord=2: (  # not divided by the length
        spread(g, x, axis, keepdims) * x,
    ),
    "where": lambda g, out, condition, x, y: (  # the other way round
        None,
        np.where(condition, 0, g),
        np.where(condition, g, 0),
    ),
    "clip": lambda g, out, x, low, high: (g * 1.0, None, None),  # outside as well
    "transpose": lambda g, out, x, axes=None: (np.reshape(g, np.shape(x)),),  # reshaped instead
    "windows": lambda g, out, x, **params: (0.5 * x,),
    "weighted": lambda g, out, y, x: (g * y, g * x),  # exchanged
    "sinc": lambda g, out, x: (g * np.cos(np.pi * x),),
    "erf": lambda g, out, x, dtype: (g * np.exp(-(x**2)),),  # the constant
}


@contextmanager
def planted(name: str, rule: Rule) -> Iterator[Op]:
    """The table with a wrong rule in it."""
    right = TABLE[name]
    wrong = dataclasses.replace(right, rule=rule)
    TABLE.replace(wrong)
    try:
        yield wrong
    finally:
        TABLE.replace(right)


def failing(home: str) -> set[str]:
    """The ops of a family that do not pass."""
    found = set()
    for entry in list(TABLE):
        if entry.home != home or entry.derivative != "rule":
            continue
        try:
            check_samples(entry)
        except Exception:  # a rule of the wrong shape stops, too
            found.add(entry.name)
    return found


def test_there_are_at_least_twenty() -> None:
    assert len(DEFECTS) >= 20


@pytest.mark.parametrize("name", DEFECTS)
def test_a_wrong_rule_is_caught_by_name(name: str) -> None:
    with planted(name, DEFECTS[name]) as wrong:
        assert failing(wrong.home) == {name}


def test_the_right_table_passes() -> None:
    assert not failing("retrograd.ops.exponential")
    assert not failing("retrograd.ops.reduce")
