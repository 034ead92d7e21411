"""diagnose_training(step, loss, inputs): right gradients, and a step that makes no use of them.

The step is run a few times from the same start. What it does to the weights is compared with the
true gradients at each point: descent, ascent, sums of all gradients so far, Adam with its averages.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from retrograd.diagnosis.beside import beside_loss
from retrograd.diagnosis.finding import Diagnosis, Finding
from retrograd.diagnosis.probe import (
    Inputs,
    Probe,
    array_of,
    as_float,
    differentiable,
    drawn,
    quiet,
)
from retrograd.diagnosis.tape import Tape, record
from retrograd.diagnosis.truth import truths
from retrograd.diagnosis.updates import Run, of_updates, said
from retrograd.errors import ArgumentError

_STEPS = 4
_LARGE = 50.0  # features beyond it are not scaled
_MOST = 4
_FLAT, _MOSTLY, _UNITS = 1e-3, 0.8, 8  # how near to its ends, for how many, of at least how many


def diagnose_training(
    step: Callable[[Any], Any],
    loss: Callable[[Any], Any],
    inputs: Inputs | Callable[..., Inputs],
    *,
    steps: int = _STEPS,
    seed: int = 0,
) -> Diagnosis:
    """What is wrong with a training step, whose gradients may be right.

    Args:
        step: `step(inputs)`, one training step: changes the weights among the inputs in place, or
            returns a dict with the new ones. It may keep what it likes between calls.
        loss: `loss(inputs) -> float`.
        inputs: a dict of arrays, weights and data, or a function of a seed that returns one.
        steps: how many steps are run, at least 2.
        seed: for that function.

    Returns:
        A `Diagnosis`; its findings are about training and data, `.wrong` is empty. Whether the
        gradients are right, `rg.diagnose` says.

    Raises:
        ArgumentError: RG583, the inputs are no dict, or the step changes none of them; RG584, the
            loss is no number.

    >>> import numpy as np
    >>> def loss(inputs):
    ...     return np.sum((inputs["X"] @ inputs["w"] - 1) ** 2)
    >>> def step(inputs):
    ...     e = inputs["X"] @ inputs["w"] - 1
    ...     inputs["w"] += 0.01 * 2 * inputs["X"].T @ e
    >>> found = diagnose_training(step, loss, {"X": np.eye(3, 2), "w": np.array([0.5, 3.0])})
    >>> found.findings[0].cause
    'ascent_instead_of_descent'
    """
    started = time.monotonic()
    given = drawn(inputs, seed)
    run = _run(step, loss, given, max(2, steps))
    tape = record(loss, copy.deepcopy(given))
    findings = [*of_updates(run, step), *_of_start(run), *_of_data(run, given, tape)]
    findings += beside_loss(loss, given, tape, run.weights[0])
    known = {f.cause: f for f in reversed(findings)}
    kept = [f for f in findings if known[f.cause] is f]
    return Diagnosis((), tuple(kept[:_MOST]), seconds=time.monotonic() - started)


def _run(
    step: Callable[[Any], Any], loss: Callable[[Any], Any], given: Mapping[str, Any], steps: int
) -> Run:
    now = copy.deepcopy(dict(given))
    weights, gradients, losses = [], [], []
    step = copy.deepcopy(step) if hasattr(step, "__dict__") and not _is_plain(step) else step
    for _ in range(steps):
        weights.append(_copies(now))
        gradients.append(_gradients(loss, now))
        losses.append(_value(loss, now))
        with quiet():
            found = step(now)
        if isinstance(found, Mapping):
            now = {**now, **{n: v for n, v in found.items() if n in now}}
    weights.append(_copies(now))
    losses.append(_value(loss, now))
    moved = [n for n in weights[0] if not np.array_equal(weights[0][n], weights[-1][n])]
    moved += [n for n, w in weights[0].items() if n not in moved and _is_equal(w)]  # no gradient
    if not moved:
        raise ArgumentError(
            "RG583",
            "the step changes none of the inputs",
            help="change the arrays of the dict in place, or return a dict with the new ones",
        )
    own = tuple({n: w[n] for n in moved} for w in weights)
    return Run(own, tuple({n: g[n] for n in moved} for g in gradients), tuple(losses))


def _copies(now: Mapping[str, Any]) -> dict[str, Any]:
    return {n: np.array(array_of(v)) for n, v in now.items() if differentiable(v)}


def _value(loss: Callable[[Any], Any], now: Mapping[str, Any]) -> float:
    with quiet():
        return as_float(loss(copy.deepcopy(dict(now))))


def _is_plain(step: Any) -> bool:
    return type(step).__name__ in ("function", "builtin_function_or_method", "method")


def _gradients(loss: Callable[[Any], Any], now: Mapping[str, Any]) -> dict[str, Any]:
    names = [n for n, v in now.items() if differentiable(v)]
    fake = {n: np.zeros(np.shape(now[n])) for n in names}
    probe = Probe(loss, lambda _: fake, dict(now))
    found, _ = truths(probe, record(loss, probe.inputs))
    return {n: found[n].gradient for n in names}


# where it starts, and with what
def _of_start(run: Run) -> Iterator[Finding]:
    """Weights that start equal, and whose units are still the same after all steps."""
    first, last = run.weights[0], run.weights[-1]
    matrices = [n for n, w in first.items() if np.ndim(w) >= 2 and min(np.shape(w)[-2:]) > 1]
    equal = [n for n in matrices if _is_equal(first[n])]
    if len(matrices) < 2 or not equal:
        return
    same = [n for n in equal if any(_is_flat(last[n], axis) for axis in (-2, -1))]
    if same:
        value = float(np.ravel(first[same[0]])[0])
        fact = f"{', '.join(same)} all {value:g} at the start, and units alike after {{}} steps"
        yield said("zero_initialization", same, fact.format(len(run.gradients)))


def _is_equal(w: Any) -> bool:
    """Whether it is a matrix of one number."""
    return np.ndim(w) >= 2 and min(np.shape(w)[-2:]) > 1 and bool(np.ptp(w) == 0)


def _is_flat(w: Any, axis: int) -> bool:
    """Whether all weights along an axis are equal."""
    return bool(np.max(np.ptp(w, axis=axis)) <= 1e-12 * max(1.0, float(np.max(np.abs(w)))))


def _of_data(run: Run, given: Mapping[str, Any], tape: Tape | None) -> Iterator[Finding]:
    for name, thing in given.items():
        array = array_of(thing)
        if name in run.weights[0] or array is None or array.ndim < 2:
            continue
        largest = float(np.max(np.abs(array), initial=0))
        worse = not np.isfinite(run.losses[-1]) or run.losses[-1] > run.losses[0]
        if largest > _LARGE and (worse or _is_saturated(tape)):
            losses = f"loss {run.losses[0]:.4g}, later {run.losses[-1]:.4g}"
            fact = f"{name} goes up to {largest:.4g}; {losses}"
            yield said("unscaled_inputs", [name], fact)


def _is_saturated(tape: Tape | None) -> bool:
    """Whether a sigmoid, a tanh or a softmax has hardly any slope left at most of its entries."""
    for step in tape.steps if tape is not None else ():
        array = np.asarray(tape.arrays.get(step.output, 0.0) if tape is not None else 0.0)
        if step.op.name not in ("tanh", "sigmoid", "expit", "divide", "reciprocal", "softmax"):
            continue
        flat = np.ravel(array)
        ends = np.isclose(flat, 0, atol=_FLAT) | np.isclose(np.abs(flat), 1, atol=_FLAT)
        if flat.size > _UNITS and np.max(np.abs(flat)) <= 1 and np.mean(ends) > _MOSTLY:
            return True
    return False
