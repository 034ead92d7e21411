"""The error function, which NumPy does not have: number by number, by Python's math."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from retrograd.ops.dispatch import recordable
from retrograd.ops.samples import unary
from retrograd.ops.spelling import Spelling, Text
from retrograd.ops.table import op

_SLOPE = 2 / math.sqrt(math.pi)


def _each(name: str) -> Spelling:
    """`np.vectorize(math.erf, otypes='d')(x)`."""

    def spell(args: Sequence[Text], params: Mapping[str, str]) -> Text:
        return Text(f"np.vectorize(math.{name}, otypes={params['dtype']})({args[0].code})")

    return spell


def _with_dtype(arrays: list[Any], params: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    dtype = np.result_type(getattr(arrays[0], "dtype", float), np.float16)
    return arrays, {**params, "dtype": dtype.char}


def _run(function: Any) -> Any:
    def run(x: Any, *, dtype: str) -> Any:
        return np.vectorize(function, otypes=dtype)(x)

    return run


def _array(x: Any, function: Any) -> Any:
    x = np.asarray(x)
    found = np.vectorize(function, otypes=np.result_type(x, np.float16).char)(x)
    return found if np.ndim(x) else found[()]


@recordable
def erf(x: Any) -> Any:
    """The error function: 2 / sqrt(pi) times the area under exp(-t**2) from 0 to x.

    Args:
        x: numbers of any shape.

    Returns:
        An array in the shape of x, from -1 to 1.

    >>> erf(np.array([0.0, 1.0])).round(4).tolist()
    [0.0, 0.8427]
    """
    return _array(x, math.erf)


@recordable
def erfc(x: Any) -> Any:
    """1 - erf(x), with all its digits where it is small.

    Args:
        x: numbers of any shape.

    Returns:
        An array in the shape of x, from 0 to 2.

    >>> erfc(np.array([0.0, 10.0])).tolist()
    [1.0, 2.088487583762545e-45]
    """
    return _array(x, math.erfc)


@op(
    erf,
    run=_run(math.erf),
    prepare=_with_dtype,
    elementwise=True,
    spell=_each("erf"),
    loop="erf({0})",
    imports=("import math",),
    samples=[type(s)(s.operands, {"dtype": "d"}) for s in unary()],
)
def erf_(g: Any, out: Any, x: Any, *, dtype: str) -> Any:
    """The error function: d_x = g * 2 / sqrt(pi) * exp(-x**2).

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.1 and 7.1.19.
    """
    return (g * (_SLOPE * np.exp(-(x**2))),)


@op(
    erfc,
    run=_run(math.erfc),
    prepare=_with_dtype,
    elementwise=True,
    spell=_each("erfc"),
    loop="erfc({0})",
    imports=("import math",),
    samples=[type(s)(s.operands, {"dtype": "d"}) for s in unary()],
)
def erfc_(g: Any, out: Any, x: Any, *, dtype: str) -> Any:
    """1 - erf(x): d_x = -g * 2 / sqrt(pi) * exp(-x**2)."""
    return (g * (-_SLOPE * np.exp(-(x**2))),)
