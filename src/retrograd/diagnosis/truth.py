"""What the gradients are: from differences of the user's loss, and from our own backward of it.

The two share nothing. Where the forward pass can be recorded, its backward is compared with
differences along random directions, which no wrong gradient survives; where it cannot, or where
they disagree, differences of every entry count, or of as many as the time allows.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from retrograd.check.differences import Slope, slope
from retrograd.diagnosis.backward import Backward
from retrograd.diagnosis.probe import Probe, array_of
from retrograd.diagnosis.tape import Tape
from retrograd.program import Value

_EPSILON = float(np.finfo(float).eps)
_DIRECTIONS = 2
_SECONDS = 20.0  # for differences one by one
AGREES = 1e-5  # relative to the largest entry; nearest other mistake: 5e-3 (two-layer network)
_SINGLE = 2e-3  # the same for code that computes in float32


@dataclass(frozen=True)
class Truth:
    """The right gradient of one input.

    Attributes:
        gradient: its entries; NaN where it was not computed.
        error: how far off they may be, relative to the largest.
        entries: how many differences it rests on, one by one or along directions.
        doubt: how far differences along random directions may be off, relative to themselves.
        noise: how far off the entries may be by rounding, as they are.
    """

    gradient: Any
    error: float
    entries: int
    doubt: float = 0.0
    noise: float = 4 * _EPSILON  # of what numbers of ordinary size leave behind

    def distance(self, found: Any) -> float:
        """How far a gradient is from this one, relative to the larger; inf: another shape."""
        array = fitted(found, self.gradient.shape)
        if array is None or not np.isfinite(array).all():
            return np.inf
        known = np.isfinite(self.gradient)
        if not known.any():
            return 0.0
        scale = max(_largest(self.gradient[known]), _largest(array[known]))
        if scale == 0:
            return 0.0
        return _largest(array[known] - self.gradient[known]) / scale

    def holds(self, found: Any, single: bool = False) -> bool:
        """Whether a gradient is right."""
        if self.distance(found) <= (_SINGLE if single else AGREES) + 10 * self.error:
            return True
        array = fitted(found, self.gradient.shape)  # both may be less than rounding
        known = np.isfinite(self.gradient)
        return array is not None and _largest((array - self.gradient)[known]) <= self.noise


def truths(probe: Probe, tape: Tape | None) -> tuple[dict[str, Truth], Backward | None]:
    """The right gradients of the inputs that have one, and our backward pass where it is right."""
    rng = np.random.default_rng(0)
    backward = None if tape is None else _backward(tape, probe)
    found: dict[str, Truth] = {}
    agrees = backward is not None
    for name in probe.gradients:
        shape = np.shape(array_of(probe.inputs[name]))
        slopes = [_along(probe, name, _direction(rng, shape)) for _ in range(_DIRECTIONS)]
        own = None if backward is None or tape is None else _own(tape, backward, name, shape)
        doubt = max(s.error / max(abs(s.value), 1e-9) for _, s in slopes)
        if own is not None and all(_agree(own, u, s) for u, s in slopes):
            error = max(s.error / max(abs(s.value), 1e-12 + _largest(own)) for _, s in slopes)
            found[name] = Truth(own, min(error, 1e-7), _DIRECTIONS)
        else:
            agrees = False
            found[name] = replace(_entry_by_entry(probe, name, shape), doubt=doubt)
    return found, backward if agrees else None


def wrong_along(probe: Probe) -> tuple[str, ...]:
    """The inputs whose gradients disagree with differences along random directions."""
    rng, found = np.random.default_rng(0), []
    for name, gradient in probe.gradients.items():
        shape = np.shape(array_of(probe.inputs[name]))
        array = fitted(gradient, shape)
        slopes = [_along(probe, name, _direction(rng, shape)) for _ in range(_DIRECTIONS)]
        if array is None or not all(_agree(array, u, s, AGREES) for u, s in slopes):
            found.append(name)
    return tuple(found)


def _backward(tape: Tape, probe: Probe) -> Backward | None:
    loss = tape.leaf("")
    if not isinstance(loss, Value) or loss not in tape.arrays:
        return None
    array = np.asarray(tape.arrays[loss])
    if array.size != 1 or not np.isclose(float(array.reshape(())), probe.value, rtol=1e-6):
        return None
    return Backward(tape, {loss: np.ones(array.shape)})


def input_values(tape: Tape) -> dict[str, Value]:
    """The values of the inputs that are arrays or numbers, by name."""
    return {
        str(i.leaf.path[0][1]): i.value
        for i in tape.program.inputs
        if i.leaf is not None and len(i.leaf.path) == 1
    }


def _own(tape: Tape, backward: Backward, name: str, shape: tuple[int, ...]) -> Any:
    value = input_values(tape).get(name)
    if value is None or value.shape != shape:
        return None
    gradient = backward.gradients.get(value)
    made = np.zeros(shape) if gradient is None else np.asarray(gradient, dtype=float)
    return made if np.isfinite(made).all() else None


def _direction(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.5, 1.0, size=shape)


def _along(probe: Probe, name: str, u: Any) -> tuple[Any, Slope]:
    size = max(1e-3, _largest(array_of(probe.inputs[name])))
    return u, slope(probe.along({name: u}), _EPSILON, min(size, 1.0) / np.sqrt(max(u.size, 1)))


def _agree(own: Any, u: Any, found: Slope, close: float = 1e-6) -> bool:
    expected = float(np.sum(own * u))
    size = float(np.sqrt(np.sum(own**2))) + abs(expected)
    return abs(expected - found.value) <= 20 * found.error + close * size + 1e-12


def _entry_by_entry(probe: Probe, name: str, shape: tuple[int, ...]) -> Truth:
    gradient = np.full(shape, np.nan)
    size = min(max(1e-3, _largest(array_of(probe.inputs[name]))), 1.0)
    order = np.random.default_rng(1).permutation(int(np.prod(shape, dtype=int)))
    started, errors, done = time.thread_time(), [0.0], 0
    for flat in order:
        unit = np.zeros(shape)
        unit.flat[flat] = 1.0
        found = slope(probe.along({name: unit}), _EPSILON, size)
        gradient.flat[flat] = found.value
        errors.append(found.error)
        done += 1
        if time.thread_time() - started > _SECONDS / max(1, len(probe.gradients)):
            break
    largest = max(_largest(gradient[np.isfinite(gradient)]), 1e-12)
    error = float(np.median(errors))
    return Truth(gradient, min(error / largest, 1e-3), done, noise=max(10 * error, 4 * _EPSILON))


def fitted(found: Any, shape: tuple[int, ...]) -> Any:
    """A gradient in its input's shape; None where it has another one.

    Axes of length 1 in front do not matter: NumPy subtracts such a gradient all the same.
    """
    array = array_of(found)
    if array is None or _without_ones(array.shape) != _without_ones(shape):
        return None
    return array.reshape(shape)


def wrong_names(gradients: Mapping[str, Any], right: Mapping[str, Truth]) -> tuple[str, ...]:
    """The inputs whose gradients are wrong."""
    return tuple(n for n, g in gradients.items() if not right[n].holds(g, _is_single(g)))


def _is_single(gradient: Any) -> bool:
    return getattr(gradient, "dtype", None) == np.float32


def _without_ones(shape: tuple[int, ...]) -> tuple[int, ...]:
    first = next((i for i, n in enumerate(shape) if n != 1), len(shape))
    return shape[first:]


def _largest(x: Any) -> float:
    return float(np.max(np.abs(x), initial=0.0))
