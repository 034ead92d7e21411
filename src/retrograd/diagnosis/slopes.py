"""Which function of the forward pass a slope is of, and what else was put in its place."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.diagnosis.at import At, shortcut
from retrograd.diagnosis.entries import place_of
from retrograd.diagnosis.forward import Elementwise, Forward
from retrograd.diagnosis.nodes import Node

_CLOSE = 1e-11  # relative


def function_of(slope: Any, forward: Forward) -> Elementwise | None:
    """The function of single entries that an array of slopes is of."""
    first = np.ravel(slope)[:1]
    for e in forward.elementwise:
        near = np.abs(e.derivative - first) <= _CLOSE * np.abs(first)
        if np.any(near):
            return e
    return None


def is_output(e: Elementwise | None, slope: Any, forward: Forward) -> bool:
    """Whether it makes what the network returns, where its slope is this one."""
    if e is None:
        return False
    a = e.a
    if len(a.values) > 1:  # a loop may run over the layers
        first = np.ravel(slope)[:1]
        n = int(np.argwhere(np.abs(e.derivative - first) <= _CLOSE * np.abs(first))[0][0])
        a = Node((a.values[n],), a.array[n], a.step, a.name, a.place)
    return At(forward, a).is_last(a)


def taken_wrong(e: Elementwise | None, slope: Any, found: Any) -> str | None:
    """Whether what stands in the place of a slope is its formula, taken at z in the place of a."""
    at = place_of(np.ravel(slope), np.ravel(e.derivative)) if e is not None else None
    if e is None or at is None:
        return None
    z = np.ravel(e.z.array)[at].reshape(np.shape(found))
    if any(np.allclose(made, found) for made in shortcut(e, z)):
        return "derivative_shortcut_applied_to_preactivation"
    return None
