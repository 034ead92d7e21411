"""What a training step does to the weights, beside the true gradients: descent, momentum, Adam."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from retrograd.diagnosis.cause import by_name
from retrograd.diagnosis.finding import Finding
from retrograd.diagnosis.numbers import ratio

_REACHED = 400  # functions and objects of the user's that are looked at
_PAIRS = 36
_USUAL = [(0.9, 0.999), (0.9, 0.99), (0.9, 0.9), (0.95, 0.999)]


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


def said(name: str, quantities: list[str], fact: str) -> Finding:
    """The finding of a mistake of training."""
    return by_name(name).finding(quantities, (f"seen: {fact}",))


def of_updates(run: Run, step: Callable[[Any], Any]) -> Iterator[Finding]:
    """What is wrong with the updates that a step makes."""
    names = [n for n in run.weights[0] if np.any(run.gradients[0][n])]
    if not names:
        return
    assigned = [n for n in names if _assigned(run, n)]
    if assigned:
        yield said("weight_assigned_not_updated", assigned, "the new weights are a multiple of dW")
        return
    first = {n: ratio(run.gradients[0][n], run.update(n, 0)) for n in names}
    known = {n: k for n, k in first.items() if k is not None}
    up = [n for n, k in known.items() if k > 0 and np.size(run.gradients[0][n]) > 1]
    if up and (len(known) == len(names) or len(up) < len(known)):
        fact = f"the update is +{known[up[0]]:.4g} times the gradient"
        yield said("ascent_instead_of_descent", up, fact)
        return
    if len(known) == len(names):
        yield from _of_later_steps(run, names, step)
        return
    yield from _of_adam(run, names, step)


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
    if 1 - 1e-6 < share < 2:  # times 1 + the momentum
        yield said(
            "gradients_not_reset", names, "the second step is along the sum of both gradients"
        )
    elif abs(share) < 1e-6 and _speaks_of_momentum(step):
        yield said(
            "momentum_buffer_reset_each_step", names, "the second step knows nothing of the first"
        )


def _speaks_of_momentum(step: Callable[[Any], Any]) -> bool:
    """Whether the code of a step has a momentum or a velocity in it."""
    return any(
        "moment" in n.lower() or "veloc" in n.lower()
        for code in _code(step)[0]
        for n in _names(code)
    )


def _names(code: Any) -> set[str]:
    return {*code.co_names, *code.co_varnames, *code.co_freevars}


def _code(step: Callable[[Any], Any]) -> tuple[list[Any], list[float]]:
    """The code that a step runs, as far as it is seen, and the numbers in it."""
    codes: list[Any] = []
    numbers: list[float] = []
    todo: list[Any] = [step]
    seen: set[int] = set()
    while todo and len(seen) < _REACHED:
        thing = todo.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, float):
            numbers.append(thing)
        function = getattr(thing, "__func__", thing)
        code = getattr(function, "__code__", None)
        if code is not None:
            codes.append(code)
            numbers += [c for c in code.co_consts if isinstance(c, float)]
            globals_ = function.__globals__
            todo += [globals_[n] for n in code.co_names if n in globals_]
            todo += [cell.cell_contents for cell in function.__closure__ or () if _is_set(cell)]
            todo += [getattr(thing, "__self__", None), *(function.__defaults__ or ())]
        elif isinstance(thing, type):
            todo += [m for m in vars(thing).values() if callable(m)]
        elif hasattr(thing, "__dict__") and not isinstance(thing, ModuleType):
            todo += [type(thing), *vars(thing).values()]
    return codes, numbers


def _is_set(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True


def _of_adam(run: Run, names: list[str], step: Callable[[Any], Any]) -> Iterator[Finding]:
    """Adam, with the decay rates that stand in the code, or the usual ones."""
    found = dict.fromkeys(n for n in _code(step)[1] if 0.5 <= n < 1)
    rates = [(a, b) for a in found for b in found][:_PAIRS]
    rates += [pair for pair in _USUAL if pair not in rates]
    if all(_follows(run, n, ("right", "right"), rates) for n in names):
        return
    for name, way in _WAYS.items():
        for ways in ((way, way), (way, "right"), ("right", way)):
            if all(_follows(run, n, ways, rates) for n in names):
                yield said(name, names, "the steps are those of Adam with this mistake")
                return


_WAYS = {
    "adam_bias_correction_multiplied": "multiplied",
    "adam_bias_correction_accumulates": "accumulated",
}


def _follows(run: Run, name: str, ways: tuple[str, str], rates: list[tuple[float, float]]) -> bool:
    """Whether the updates are those of Adam, with its averages corrected in these ways."""
    updates = [run.update(name, k) for k in range(len(run.gradients))]
    gradients = [g[name] for g in run.gradients]
    keep = np.abs(gradients[0]) > 1e-4 * np.max(np.abs(gradients[0]))
    for beta1, beta2 in rates:
        made = _adam(gradients, beta1, beta2, ways)
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


def _adam(gradients: list[Any], beta1: float, beta2: float, ways: tuple[str, str]) -> list[Any]:
    m = v = np.zeros_like(gradients[0])
    made = []
    for t, g in enumerate(gradients, 1):
        m, m_hat = _corrected(beta1 * m + (1 - beta1) * g, 1 - beta1**t, ways[0])
        v, v_hat = _corrected(beta2 * v + (1 - beta2) * g * g, 1 - beta2**t, ways[1])
        made.append(-m_hat / (np.sqrt(v_hat) + 1e-8))
    return made


def _corrected(mean: Any, share: float, way: str) -> tuple[Any, Any]:
    """An average, and it without the bias of its start."""
    if way == "multiplied":
        return mean, mean * share
    return (mean / share, mean / share) if way == "accumulated" else (mean, mean / share)
