"""expect: what the text checks while it runs, because the recording depended on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from retrograd.ops.dispatch import recordable
from retrograd.ops.samples import call, fixed
from retrograd.ops.spelling import ATOM, Text
from retrograd.ops.table import op


@recordable
def expect(x: Any, *, shape: Any = None, equals: Any = None) -> Any:
    """Nothing, if x has that shape, or those values; a ValueError otherwise."""
    if shape is not None and np.shape(x) != shape:
        raise ValueError(f"expected shape {shape}, found {np.shape(x)}")
    return np.True_


def _statements(target: str, args: Sequence[Text], params: Mapping[str, str]) -> list[str]:
    code = args[0].code
    if "shape" in params:
        condition, wanted = f"np.shape({code}) != {params['shape']}", f"shape {params['shape']}"
    elif params["equals"].startswith("["):
        condition, wanted = f"not np.array_equal({code}, {params['equals']})", params["equals"]
    else:
        condition = f"{args[0].at_least(ATOM)} != {params['equals']}"
        wanted = params["equals"]
    words = f"this was written for {code} of {wanted}".replace('"', "'")
    if "equals" in params:
        words = f"this was written for {code} = {wanted}".replace('"', "'")
    return [f"if {condition}:", f'    raise ValueError("{words}")']


@op(
    expect,
    run=expect.body,  # type: ignore[attr-defined]
    derivative="zero",
    checks=True,
    sizes=lambda book, x, **params: [],
    statements=_statements,
    samples=[call(fixed(np.array([1, 2])), shape=(2,)), call(fixed(np.array(3)), equals=3)],
)
def expect_(x: Any, *, shape: Any = None, equals: Any = None) -> Any:
    """No operation: it stops the text where an array decided something and is another one now."""
