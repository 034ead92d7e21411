"""Mistakes that the given inputs hide: the gradients at other ones.

Weights that are all zero, a batch in which every unit is live, one class that does not occur: what
is wrong in the code may be right by its numbers. Only parameters are moved, and their signs stay;
data and labels may have to be what they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from retrograd.diagnosis.finding import Diagnosis
from retrograd.diagnosis.probe import Inputs, Probe, array_of, drawn
from retrograd.diagnosis.truth import wrong_along

_SEEDS = 2
_MOVED = 0.2  # of each entry
_START = 0.3  # for parameters that are all zero


def elsewhere(
    probe: Probe,
    found: Diagnosis,
    inputs: Inputs | Callable[..., Inputs],
    seed: int,
    diagnosed: Callable[[Probe], Diagnosis],
) -> Diagnosis:
    """The diagnosis at other inputs where something is wrong there, else the one that is given.

    Args:
        probe: the inputs at which every gradient is right.
        found: the diagnosis there.
        inputs: what the user gave.
        seed: the one that was used.
        diagnosed: makes a diagnosis.
    """
    for other, says in _others(probe, inputs, seed):
        try:
            made = Probe(probe.loss, probe.grads, other)
            same = _unchanged(probe, made)
            if not np.isfinite(made.value) or not set(wrong_along(made)) - same:
                continue
            there = diagnosed(made)
        except Exception:  # the user's code, at inputs that it may not be made for
            continue
        if there.wrong and not {n for n, key in made.keys.items() if key in there.wrong} & same:
            return replace(there, notes=(*there.notes, says))
    alone = probe.examples == 1 and len(probe.inputs) > len(probe.keys)
    note = "there is 1 example: a factor 1/N, or a sum over examples, cannot be seen"
    return replace(found, notes=(*found.notes, note)) if alone else found


def _others(
    probe: Probe, inputs: Inputs | Callable[..., Inputs], seed: int
) -> Iterator[tuple[Mapping[str, Any], str]]:
    if callable(inputs):
        for other in range(seed + 1, seed + 1 + _SEEDS):
            yield drawn(inputs, other), f"right with seed {seed}, wrong with seed {other}"
    rng = np.random.default_rng(seed)
    moved = {n: _moved(probe.inputs[n], rng) for n in probe.keys}
    note = "right at your inputs by luck: wrong with the parameters moved a little"
    yield {**probe.given, **moved}, note


def _moved(thing: Any, rng: np.random.Generator) -> Any:
    array = array_of(thing)
    by = array * _MOVED * rng.uniform(-1, 1, array.shape)
    made = array + (by if np.any(array) else _START * rng.normal(size=array.shape))
    return made.tolist() if isinstance(thing, list) else made


def _unchanged(probe: Probe, made: Probe) -> set[str]:
    """The inputs whose gradients do not depend on what was moved: they may come from elsewhere."""
    return {
        n
        for n, g in probe.gradients.items()
        if n not in made.gradients or np.array_equal(g, made.gradients[n])
    }
