"""Slopes from the function's values alone: differences with an error that is estimated.

Central differences at two steps, combined so that the error is of fourth order (Richardson 1911);
their distance says how good they are. Where the function takes complex numbers, Im f(x + ih) / h
has no subtraction in it and all its digits (Squire and Trapp 1998, SIAM Review 40).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Along = Callable[[complex], complex]  # the function along a line: t -> f(x + t u)

COMPLEX_STEP = 1e-20


@dataclass(frozen=True)
class Slope:
    """A slope and how far it may be off.

    Attributes:
        value: the slope.
        error: an estimate of its error, never below that of rounding.
        left: the slope from the left alone.
        right: the slope from the right alone.
        kink: whether the two differ and keep differing as the step shrinks.
    """

    value: float
    error: float
    left: float
    right: float
    kink: bool


def slope(along: Along, epsilon: float, scale: float = 1.0) -> Slope:
    """The slope of a function of one number at 0.

    Args:
        along: the function; called with complex numbers, too, where it takes them.
        epsilon: the machine epsilon of its results.
        scale: the size of the numbers that t is added to.
    """
    best: Slope | None = None
    for power in (1 / 5, 1 / 3, 1 / 2):  # smaller steps stay on one side of a kink close by
        found = _central(along, epsilon, epsilon**power * max(scale, 1e-3))
        if best is None or found.error < best.error:
            best = found
    assert best is not None
    exact = _complex_step(along)
    if exact is not None and abs(exact - best.value) <= 10 * best.error:
        return Slope(exact, 10 * epsilon * abs(exact), best.left, best.right, best.kink)
    return best


def _central(along: Along, epsilon: float, h: float) -> Slope:
    at = {t: _real(along, t * h) for t in (-1, -0.5, 0, 0.5, 1)}
    noise = 4 * epsilon * max(abs(v) for v in at.values()) / h + np.finfo(float).tiny
    coarse = (at[1] - at[-1]) / (2 * h)
    fine = (at[0.5] - at[-0.5]) / h
    value = (4 * fine - coarse) / 3
    right = (at[0.5] - at[0]) / (h / 2)
    left = (at[0] - at[-0.5]) / (h / 2)
    gap, wide = right - left, (at[1] - 2 * at[0] + at[-1]) / h
    # of a smooth function the gap is proportional to the step; of a kink it stays
    kink = abs(gap) > 20 * noise and abs(gap) > 0.75 * abs(wide) and abs(gap) > 1e-3 * abs(value)
    return Slope(value, abs(fine - coarse) + noise, left, right, bool(kink))


def _real(along: Along, t: float) -> float:
    return float(np.real(along(t)))


def _complex_step(along: Along) -> float | None:
    try:
        with np.errstate(all="ignore"):
            result = along(1j * COMPLEX_STEP)
    except Exception:  # the function does not take complex numbers
        return None
    exact = float(np.imag(result)) / COMPLEX_STEP
    return exact if np.isfinite(exact) else None
