"""Which mistake makes the array that the user has where another is needed."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from retrograd.diagnosis.at import At
from retrograd.diagnosis.backward import depends_on
from retrograd.diagnosis.cause import Cause, Suspect, everywhere
from retrograd.diagnosis.forward import Forward
from retrograd.diagnosis.surroundings import is_out_of_place, is_own_number

_SECONDS = 2.0
_CLOSE = 1e-7  # relative; the nearest other mistake is 5e-3 away


@dataclass(frozen=True)
class Match:
    """A cause that makes exactly what the user has.

    Attributes:
        cause: the cause.
        suspect: the array that it makes.
        factor: the user's array is this number times the suspect.
    """

    cause: Cause
    suspect: Suspect
    factor: float


def matches(at: At) -> list[Match]:
    """The causes that make the user's array at a place, the surest first."""
    found: list[Match] = []
    if is_own_number(at):
        return found
    for cause, suspect in everywhere(at):
        factor = _factor(at.user, suspect, float(np.max(np.abs(at.needed), initial=0)))
        if factor is None:
            continue
        plain = np.isclose(factor, 1.0, rtol=1e-6)
        if not plain and cause.family not in ("scale", "sign") and _is_one_number(at.user):
            continue  # any two arrays of one number are the same, but for a factor
        if (plain or at.sizes.name(factor)) and not is_out_of_place(cause.name, at):
            found.append(Match(cause, suspect, 1.0 if plain else factor))
    found.sort(key=lambda m: (m.factor != 1.0, -m.suspect.weight))
    return found


def _is_one_number(array: Any) -> bool:
    return bool(np.ptp(array) <= 1e-12 * np.max(np.abs(array), initial=0))


def deep_matches(at: At, seconds: float = _SECONDS) -> list[Match]:
    """The causes that make a parameter's gradient what the user has, made further up the way.

    The array that a mistake would make at another quantity is sent down to the parameter by the
    right backward pass.
    """
    backward, found = at.forward.backward, list[Match]()
    after = depends_on(at.forward.tape, set(at.node.values))
    until = time.thread_time() + seconds
    for node in reversed(at.forward.moving):
        if node is at.node or not all(v in after for v in node.values):
            continue
        if len(set(node.values)) < len(node.values):
            continue  # the parts of a parameter's gradient
        for cause, suspect in everywhere(At(at.forward, node, None, at.factor)):
            if cause.family in ("scale", "sign"):
                continue  # these show at the parameter itself
            if time.thread_time() > until:
                break
            array = _shaped(suspect.array, at.forward.gradient(node).shape)
            if array is None or not np.isfinite(array).all():
                continue
            sent = Forward.stacked(at.node, backward.run(node.split(array)))
            if sent is None:
                continue
            free = None
            if suspect.free is not None:
                more = Forward.stacked(at.node, backward.run(node.split(array + suspect.free)))
                free = None if more is None else more - sent
            moved = replace(suspect, array=sent, free=free)
            factor = _factor(at.user, moved)
            plain = factor is not None and np.isclose(factor, 1.0, rtol=1e-6)
            if not plain and _is_one_number(at.user):
                continue
            if factor is not None and (plain or at.sizes.name(factor)):
                found.append(Match(cause, moved, 1.0 if plain else factor))
        if found or time.thread_time() > until:
            break
    found.sort(key=lambda m: (m.factor != 1.0, -m.suspect.weight))
    return found


def _factor(user: Any, suspect: Suspect, scale: float = 0.0) -> float | None:
    array = _shaped(suspect.array, np.shape(user))
    if array is None or not np.isfinite(array).all():
        return None
    largest = float(np.max(np.abs(user), initial=0))
    if suspect.free is not None:
        free = _shaped(suspect.free, np.shape(user))
        if free is None:
            return None
        rest, size = user - array, float(np.sum(free * free))
        if size == 0:
            return None
        k = float(np.sum(rest * free)) / size
        near = np.max(np.abs(rest - k * free)) <= _CLOSE * largest
        return 1.0 if near and abs(k) > 1e-9 else None
    if np.max(np.abs(array), initial=0) > 1e100:
        return None
    if largest <= 1e-13 * scale:  # nothing but rounding
        return 1.0 if np.max(np.abs(array), initial=0) <= 1e-13 * scale else None
    if np.max(np.abs(user - array), initial=0) <= _CLOSE * max(largest, 1e-300):
        return 1.0
    size = float(np.sum(array * array))
    if size == 0 or largest == 0:
        return None
    k = float(np.sum(array * user)) / size
    if k and np.max(np.abs(user - k * array)) <= _CLOSE * largest:
        return k
    return None


def _shaped(array: Any, shape: tuple[int, ...]) -> Any:
    """A suspect in the user's shape, but for axes of length 1."""
    array = np.asarray(array, dtype=float)
    if array.shape == shape:
        return array
    if shape == () and array.size and np.ptp(array) == 0:
        return array.reshape(-1)[0]
    if len(shape) == 1 and array.size == shape[0]:
        return array.reshape(shape)
    plain = tuple(n for n in array.shape if n != 1)
    return array.reshape(shape) if plain == tuple(n for n in shape if n != 1) else None
