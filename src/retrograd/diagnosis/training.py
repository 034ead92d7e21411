"""diagnose_training(step, loss, inputs): right gradients, and a step that makes no use of them.

The step is run a few times from the same start. What it does to the weights is compared with the
true gradients at each point: descent, ascent, sums of all gradients so far, Adam with its averages.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from retrograd.diagnosis.beside import beside_loss
from retrograd.diagnosis.cause import by_name
from retrograd.diagnosis.finding import Diagnosis, Finding
from retrograd.diagnosis.numbers import ratio
from retrograd.diagnosis.probe import (
    Inputs,
    Probe,
    array_of,
    as_float,
    differentiable,
    drawn,
    quiet,
)
from retrograd.diagnosis.tape import record
from retrograd.diagnosis.truth import truths
from retrograd.errors import ArgumentError

_STEPS = 4
_LARGE = 50.0  # features beyond it are not scaled
_MOST = 4


@dataclass(frozen=True)
class Run:
    """A few training steps.

    Attributes:
        weights: the weights before each step and after the last, by name.
        gradients: the true gradients before each step, by name.
        losses: the loss before each step and after the last.
    """

    weights: tuple[Mapping[str, Any], ...]
    gradients: tuple[Mapping[str, Any], ...]
    losses: tuple[float, ...]

    def update(self, name: str, k: int) -> Any:
        """What step k did to a weight."""
        return self.weights[k + 1][name] - self.weights[k][name]


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
    findings = [*_of_updates(run, step), *_of_start(run), *_of_data(run, given)]
    tape = record(loss, copy.deepcopy(given))
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
        weights.append({n: array_of(v) for n, v in now.items() if differentiable(v)})
        gradients.append(_gradients(loss, now))
        losses.append(_value(loss, now))
        with quiet():
            found = step(now)
        if isinstance(found, Mapping):
            now = {**now, **{n: v for n, v in found.items() if n in now}}
        now = copy.deepcopy(now)
    weights.append({n: array_of(v) for n, v in now.items() if differentiable(v)})
    losses.append(_value(loss, now))
    moved = [n for n in weights[0] if not np.array_equal(weights[0][n], weights[-1][n])]
    if not moved:  # weights that are all zero may have no gradient at all
        moved = [n for n, w in weights[0].items() if np.ndim(w) >= 2 and np.ptp(w) == 0]
    if not moved:
        raise ArgumentError(
            "RG583",
            "the step changes none of the inputs",
            help="change the arrays of the dict in place, or return a dict with the new ones",
        )
    own = tuple({n: w[n] for n in moved} for w in weights)
    return Run(own, tuple({n: g[n] for n in moved} for g in gradients), tuple(losses))


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


# what the steps do
def _of_updates(run: Run, step: Callable[[Any], Any]) -> Iterator[Finding]:
    names = [n for n in run.weights[0] if np.any(run.gradients[0][n])]
    if not names:
        return
    if all(_assigned(run, n) for n in names):
        yield _said("weight_assigned_not_updated", names, "the new weights are a multiple of dW")
        return
    first = {n: ratio(run.gradients[0][n], run.update(n, 0)) for n in names}
    if all(k is not None for k in first.values()):
        if all(k > 0 for k in first.values() if k is not None):
            rate = next(iter(first.values()))
            yield _said(
                "ascent_instead_of_descent", names, f"the update is +{rate:.4g} times the gradient"
            )
            return
        yield from _of_later_steps(run, names, step)
        return
    yield from _of_adam(run, names)


def _assigned(run: Run, name: str) -> bool:
    after, gradient = run.weights[1][name], run.gradients[0][name]
    return ratio(gradient, after) is not None and ratio(gradient, run.update(name, 0)) is None


def _of_later_steps(run: Run, names: list[str], step: Callable[[Any], Any]) -> Iterator[Finding]:
    """Steps along the gradient at first: is the second one, too?"""
    shares = []
    for name in names:
        g, h = (np.ravel(run.gradients[k][name]) for k in (0, 1))
        u = np.ravel(run.update(name, 1))
        if g.size < 2 or np.linalg.matrix_rank(np.stack([g, h]), tol=1e-9 * np.abs(g).max()) < 2:
            continue
        (a, b), *_ = np.linalg.lstsq(np.stack([g, h]).T, u, rcond=None)
        if np.max(np.abs(a * g + b * h - u)) <= 1e-6 * np.max(np.abs(u)) and b:
            shares.append(a / b)
    if not shares:
        return
    share = float(np.median(shares))
    if abs(share - 1) < 1e-6:
        yield _said(
            "gradients_not_reset", names, "the second step is along the sum of both gradients"
        )
    elif abs(share) < 1e-6 and _speaks_of_momentum(step):
        yield _said(
            "momentum_buffer_reset_each_step", names, "the second step knows nothing of the first"
        )


def _speaks_of_momentum(step: Callable[[Any], Any]) -> bool:
    """Whether the code of a step has a momentum or a velocity in it."""
    seen: set[Any] = set()
    todo = [getattr(step, "__code__", None), getattr(type(step).__call__, "__code__", None)]
    todo.append(getattr(getattr(step, "__func__", None), "__code__", None))
    closure = getattr(step, "__closure__", None) or ()
    owners = [cell.cell_contents for cell in closure] + [getattr(step, "__self__", step)]
    globals_ = getattr(step, "__globals__", {})
    while todo:
        code = todo.pop()
        if code is None or code in seen:
            continue
        seen.add(code)
        names = {*code.co_names, *code.co_varnames, *code.co_freevars}
        if any("moment" in n.lower() or "veloc" in n.lower() for n in names):
            return True
        for name in code.co_names:
            for owner in owners:
                todo.append(getattr(getattr(type(owner), name, None), "__code__", None))
            todo.append(getattr(globals_.get(name), "__code__", None))
    return False


def _of_adam(run: Run, names: list[str]) -> Iterator[Finding]:
    """Adam, by the quotient of its first two steps, in which the rate cancels."""
    for variant in ("adam_bias_correction_multiplied", "adam_bias_correction_accumulates"):
        if all(_follows(run, n, variant) for n in names) and not all(
            _follows(run, n, "right") for n in names
        ):
            yield _said(variant, names, "the steps are those of Adam with this mistake")
            return


def _follows(run: Run, name: str, variant: str) -> bool:
    updates = [run.update(name, k) for k in range(len(run.gradients))]
    gradients = [g[name] for g in run.gradients]
    for beta1, beta2 in ((0.9, 0.999), (0.9, 0.99), (0.9, 0.9), (0.95, 0.999)):
        made = _adam(gradients, beta1, beta2, variant)
        keep = np.abs(gradients[0]) > 1e-4 * np.max(np.abs(gradients[0]))
        k = ratio(made[0][keep], updates[0][keep]) or _near(made[0][keep], updates[0][keep])
        if k is None:
            continue
        off = max(
            float(np.max(np.abs(u[keep] - k * m[keep]), initial=0))
            / max(float(np.max(np.abs(u[keep]), initial=0)), 1e-300)
            for u, m in zip(updates, made, strict=True)
        )
        if off < 1e-3:
            return True
    return False


def _near(made: Any, found: Any) -> float | None:
    """The factor between two arrays that are nearly the same, as epsilon makes them."""
    size = float(np.sum(made * made))
    return float(np.sum(made * found)) / size if size else None


def _adam(gradients: list[Any], beta1: float, beta2: float, variant: str) -> list[Any]:
    m = v = np.zeros_like(gradients[0])
    made = []
    for t, g in enumerate(gradients, 1):
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
        one, two = 1 - beta1**t, 1 - beta2**t
        if variant == "adam_bias_correction_multiplied":
            made.append(-m * one / (np.sqrt(v * two) + 1e-8))
            continue
        made.append(-(m / one) / (np.sqrt(v / two) + 1e-8))
        if variant == "adam_bias_correction_accumulates":
            m, v = m / one, v / two
    return made


# where it starts, and with what
def _of_start(run: Run) -> Iterator[Finding]:
    matrices = [n for n, w in run.weights[0].items() if np.ndim(w) >= 2]
    equal = [n for n in matrices if np.ptp(run.weights[0][n]) == 0]
    if len(matrices) >= 2 and equal:
        value = float(np.ravel(run.weights[0][equal[0]])[0])
        yield _said("zero_initialization", equal, f"{', '.join(equal)} all {value:g} at the start")


def _of_data(run: Run, given: Mapping[str, Any]) -> Iterator[Finding]:
    for name, thing in given.items():
        array = array_of(thing)
        if name in run.weights[0] or array is None or array.ndim < 2:
            continue
        largest = float(np.max(np.abs(array), initial=0))
        worse = not np.isfinite(run.losses[-1]) or run.losses[-1] > run.losses[0]
        if largest > _LARGE and worse:
            losses = f"loss {run.losses[0]:.4g}, later {run.losses[-1]:.4g}"
            fact = f"{name} goes up to {largest:.4g}; {losses}"
            yield _said("unscaled_inputs", [name], fact)


def _said(name: str, quantities: list[str], fact: str) -> Finding:
    return by_name(name).finding(quantities, (f"seen: {fact}",))
