"""Which function of the forward pass a slope is of, and what else was put in its place."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.diagnosis.at import At, shortcut
from retrograd.diagnosis.entries import place_of
from retrograd.diagnosis.forward import Elementwise, Forward

_CLOSE = 1e-11  # relative


def function_of(slope: Any, forward: Forward) -> Elementwise | None:
    """The function of single entries that an array of slopes is of."""
    first = np.ravel(slope)[:1]
    for e in forward.elementwise:
        if np.any(np.abs(np.ravel(e.derivative) - first) <= _CLOSE * np.abs(first)):
            return e
    return None


def is_output(e: Elementwise | None, forward: Forward) -> bool:
    """Whether it makes what the network returns."""
    return e is not None and At(forward, e.a).is_last(e.a)


def taken_wrong(e: Elementwise | None, slope: Any, found: Any) -> str | None:
    """Whether what stands in the place of a slope is its formula, taken at z in the place of a."""
    at = place_of(np.ravel(slope), np.ravel(e.derivative)) if e is not None else None
    if e is None or at is None:
        return None
    z = np.ravel(e.z.array)[at].reshape(np.shape(found))
    if any(np.allclose(made, found) for made in shortcut(e, z)):
        return "derivative_shortcut_applied_to_preactivation"
    return None
