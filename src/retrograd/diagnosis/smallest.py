"""The smallest case in which a gradient is still wrong: one to compute by hand.

Axes of one length are cut together, to 1 or 2 entries, as long as the code still runs and the
gradient is still wrong.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from retrograd.diagnosis.finding import Finding
from retrograd.diagnosis.probe import Probe, array_of, differentiable
from retrograd.diagnosis.truth import Truth, truths, wrong_along, wrong_names

_SECONDS = 0.5
_LENGTHS = (1, 2)
_LARGE = 4096  # entries of all gradients; more are not tried one by one


def with_smallest(finding: Finding, probe: Probe, wrong: Sequence[str]) -> Finding:
    """A finding without a name, with the smallest case that shows it."""
    wanted = {key: name for name, key in probe.keys.items()}
    name = next((wanted[q] for q in finding.quantities if q in wanted), None)
    found = smallest_case(probe, name, wrong) if name is not None else None
    return finding if found is None else replace(finding, evidence=(*finding.evidence, found))


def smallest_case(probe: Probe, name: str, wrong: Sequence[str]) -> str | None:
    """The inputs' shapes, and one entry as it is and as it should be; None if nothing is smaller.

    Args:
        probe: the inputs at which the gradient is wrong.
        name: the input that it is the gradient of.
        wrong: all whose gradients are wrong there.
    """
    until = time.thread_time() + _SECONDS
    best: tuple[Mapping[str, Any], Probe, Truth] | None = None
    inputs: Mapping[str, Any] = probe.inputs
    for length in _lengths(inputs):
        for short in _LENGTHS:
            if time.thread_time() > until:
                break
            tried = _cut(inputs, length, short) if short < length else None
            made = _still_wrong(probe, tried, name, wrong) if tried is not None else None
            if tried is not None and made is not None:
                inputs, best = tried, (tried, *made)
                break
    return None if best is None else _said(name, *best)


def _lengths(inputs: Mapping[str, Any]) -> list[int]:
    """The lengths of the axes, the largest first."""
    shapes = [np.shape(thing) for thing in inputs.values() if array_of(thing) is not None]
    return sorted({n for shape in shapes for n in shape if n > 1}, reverse=True)


def _cut(inputs: Mapping[str, Any], length: int, short: int) -> dict[str, Any]:
    """The inputs with the first entries of all axes of one length."""

    def cut(thing: Any) -> Any:
        if not isinstance(thing, np.ndarray):
            return thing
        keys = tuple(slice(short) if n == length else slice(None) for n in thing.shape)
        found = thing[keys].copy()
        if found.dtype.kind in "iu" and thing.size and thing.max() < length:
            return np.minimum(found, short - 1)  # may be class numbers
        return found

    return {name: cut(thing) for name, thing in inputs.items()}


def _still_wrong(
    probe: Probe, inputs: Mapping[str, Any], name: str, wrong: Sequence[str]
) -> tuple[Probe, Truth] | None:
    """The gradient and the truth at smaller inputs, if it is wrong there."""
    size = sum(np.size(t) for t in inputs.values() if differentiable(t))
    if size > _LARGE:
        return None
    try:
        made = Probe(probe.loss, probe.grads, inputs, reset=probe.reset)
        if name not in made.gradients or not np.isfinite(made.value):
            return None
        if set(wrong_along(made)) - set(wrong):
            return None  # it shows something else
        made.gradients = {name: made.gradients[name]}
        right, _ = truths(made, None)
    except Exception:  # the user's code, on inputs that it may not be made for
        return None
    shows = wrong_names(made.gradients, right) and np.any(right[name].gradient)
    return (made, right[name]) if shows else None


def _said(name: str, inputs: Mapping[str, Any], made: Probe, truth: Truth) -> str:
    shapes = ", ".join(_shapes(inputs))
    found = array_of(made.gradients[name])
    key = made.keys[name]
    if found is None or found.shape != truth.gradient.shape:
        return f"smallest case that is wrong: {shapes}; there {key} has another shape"
    off = np.abs(found - truth.gradient)
    at = np.unravel_index(int(np.nanargmax(off)), off.shape)
    place = f"[{', '.join(map(str, at))}]" if at else ""
    return (
        f"smallest case that is wrong: the first entries, {shapes}; there {key}{place} is "
        f"{found[at]:.6g} and should be {truth.gradient[at]:.6g}"
    )


def _shapes(inputs: Mapping[str, Any]) -> Iterator[str]:
    for name, thing in inputs.items():
        if isinstance(thing, np.ndarray) and thing.ndim:
            yield f"{name} {'×'.join(map(str, thing.shape))}"
