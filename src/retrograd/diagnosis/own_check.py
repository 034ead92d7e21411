"""The user's own gradient check, where it is the check that is wrong.

Its numbers are compared with the true gradients. Where they differ, it is called once more with
inputs in float64, and its numbers with those that the usual formulas make with the steps that stand
in its code: what comes out the same is what it does.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from retrograd.diagnosis.constants import Constant, constants, defined
from retrograd.diagnosis.differences import CENTRAL, ONE_SIDED, Differences, Formula
from retrograd.diagnosis.finding import Finding
from retrograd.diagnosis.probe import (
    Probe,
    array_of,
    as_float,
    kept_generators,
    keys_by_input,
    quiet,
)
from retrograd.diagnosis.truth import fitted
from retrograd.report import Position

_AGREES = 1e-4  # a usual check reaches 1e-7
_EPSILON = float(np.finfo(float).eps)
_FAMILY = "gradient check"

Check = Callable[[Any], Any]


def of_check(probe: Probe, check: Check) -> list[Finding]:
    """What is wrong with a gradient check.

    Args:
        probe: the loss and its inputs.
        check: `check(inputs) -> {"dW1": array, ...}`, gradients by differences.

    Raises:
        ArgumentError: RG583, it returns no dict, or none of its names is that of an input.
    """
    return list(_Checking(probe, check).findings())


class _Checking:
    def __init__(self, probe: Probe, check: Check) -> None:
        self.probe, self.check = probe, check
        self.given = probe.given
        raw = self._called(self.given)
        floats = {n: _as_float64(x) for n, x in self.given.items()}
        self.keys = keys_by_input(raw, {n: floats[n] for n in floats})
        self.inputs = {n: floats[n] if n in self.keys else x for n, x in probe.inputs.items()}
        self.found = {n: array_of(raw[key]) for n, key in self.keys.items()}
        self.taken = Differences(probe, self.inputs, list(self.keys))
        self.right = self.taken.right

    def findings(self) -> Iterator[Finding]:
        wrong = [n for n in self.keys if not self._agrees(n, self.found[n])]
        if not wrong:
            return
        if self._is_random():
            yield self._finding(
                "RG589",
                "gradient_check_of_a_random_loss",
                wrong,
                "the loss draws random numbers, so a difference of two of its values is noise",
                "draw masks and noise once, outside of the loss, or set the seed in it",
            )
            return
        again = self._called(self.inputs)
        exact = {n: array_of(again.get(key)) for n, key in self.keys.items()}
        for kind, name in (("iub", "integers"), ("f", "float32")):
            mended = [n for n in wrong if self._is(n, kind) and self._agrees(n, exact[n])]
            if mended:
                yield self._of_dtype(mended, name)
                wrong = [n for n in wrong if n not in mended]
        by_cause: dict[str, tuple[list[str], Finding]] = {}
        for n in wrong:
            finding = self._of_formula(n) or self._unknown(n)
            by_cause.setdefault(finding.message, ([], finding))[0].append(self.keys[n])
        for names, finding in by_cause.values():
            yield Finding(**{**vars(finding), "quantities": tuple(names)})

    # what is known of it
    def _called(self, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        self.probe.reset()
        with kept_generators(), quiet():
            found = self.check(copy.deepcopy(dict(inputs)))
        return dict(found) if isinstance(found, Mapping) else {}

    def _agrees(self, name: str, found: Any) -> bool:
        right = self.right[name]
        array = fitted(found, right.shape) if found is not None else None
        return array is not None and _distance(array, right) <= _AGREES

    def _is(self, name: str, kinds: str) -> bool:
        dtype = np.asarray(self.given[name]).dtype
        return dtype.kind in kinds and dtype != np.float64

    def _is_random(self) -> bool:
        inputs = copy.deepcopy(dict(self.given))
        with kept_generators():
            values = {as_float(self.probe.loss(copy.deepcopy(inputs))) for _ in range(3)}
        return len(values) > 1 and len({v for v in values if np.isfinite(v)}) > 1

    # what it does
    def _of_dtype(self, names: list[str], what: str) -> Finding:
        if what == "integers":
            says = "the check moves an array of integers: x + 1e-5 is cut off to x"
        else:
            says = "the check runs in float32: it has 7 digits, and a difference keeps none of them"
        fact = "tried: with the same inputs in float64 the check is right"
        fix = "convert before the check: x.astype(np.float64)"
        name = f"gradient_check_in_{what}"
        return self._finding("RG586", name, names, says, fix, (fact,))

    def _of_formula(self, name: str) -> Finding | None:
        """The finding for what makes these very numbers."""
        found, right = fitted(self.found[name], self.right[name].shape), self.right[name]
        if found is None:
            return None
        for k, says, fix in _FACTORS:
            if _distance(found, k * right) <= _AGREES:
                fact = f"seen: every entry is {k:g} times the true one"
                return self._finding("RG588", "gradient_check_formula", [name], says, fix, (fact,))
        steps = list(constants(self.check))
        for step in steps:
            for formula in (CENTRAL, *ONE_SIDED):
                made = self.taken.made(name, step.value, formula)
                if self._same(found, right, made):
                    return self._of_step(name, step, formula)
        for step in steps:
            made = [self.taken.stale(name, step.value, before) for before in (False, True)]
            if any(m is not None and self._same(found, right, m) for m in made):
                return self._finding(
                    "RG588",
                    "gradient_check_not_restored",
                    [name],
                    "the check does not put an entry back before it moves the next one",
                    "keep old = x[i], and set x[i] = old after the two calls",
                    (f"seen: with h = {step.value:g}, entries that stay moved make these numbers",),
                    step.where,
                )
        noisy = [s for s in steps if s.value < 1e-8 and self._is_noise(found, right, s.value)]
        return self._of_step(name, noisy[0], CENTRAL) if noisy else None

    def _of_step(self, name: str, step: Constant, formula: Formula) -> Finding:
        small = step.value < 1e-7
        why = (
            "the step is too small: what the two values differ in is rounding"
            if small
            else "the step is too large: the difference is no longer the slope"
        )
        best = "1e-5" if formula is CENTRAL else "1e-5, with (f(x + h) - f(x - h)) / (2 * h)"
        facts = [f"seen: {formula.says} with h = {step.value:g} makes these numbers"]
        if formula is not CENTRAL and not small:
            facts.append("a difference to one side is off by h/2 times the second derivative")
        size = "small" if small else "large"
        return self._finding(
            "RG587",
            f"gradient_check_step_too_{size}",
            [name],
            why,
            f"in float64, h = {best}",
            tuple(facts),
            step.where,
        )

    def _unknown(self, name: str) -> Finding:
        distance = _distance(self.found[name], self.right[name])
        return self._finding(
            "RG588",
            None,
            [name],
            "the check is wrong here: these are not the differences of this loss",
            "",
            (f"seen: off by {distance:.1e}, relative to the largest entry",),
        )

    def _finding(
        self,
        code: str,
        cause: str | None,
        names: list[str],
        message: str,
        fix: str,
        facts: tuple[str, ...] = (),
        where: Position | None = None,
    ) -> Finding:
        quantities = tuple(self.keys[n] for n in names)
        return Finding(
            code,
            cause,
            _FAMILY,
            quantities,
            message,
            fix,
            facts,
            where or defined(self.check),
            severity="warning",
        )

    @staticmethod
    def _same(found: Any, right: Any, made: Any) -> bool:
        """Whether what a formula makes is what was found, far closer than the truth is."""
        known = np.isfinite(made) & np.isfinite(right)
        if not known.any() or not np.isfinite(found[known]).all():
            return False
        off = np.max(np.abs(found - right)[known])
        return bool(np.max(np.abs(found - made)[known]) <= 1e-3 * off)

    def _is_noise(self, found: Any, right: Any, h: float) -> bool:
        """Whether numbers are off by what rounding makes of differences with this step."""
        value = max(abs(self.probe.value), _EPSILON)
        off = np.nanmax(np.abs(found - right))
        return bool(off <= 100 * _EPSILON * value / h)


_FACTORS = (
    (2.0, "the check divides by h what two steps make", "divide f(x + h) - f(x - h) by 2 * h"),
    (0.5, "the check divides by 2 * h what one step makes", "divide f(x + h) - f(x) by h"),
    (-1.0, "the check subtracts in the wrong order", "f(x + h) - f(x - h), not the other way"),
)


def _as_float64(thing: Any) -> Any:
    array = array_of(thing)
    if array is None:
        return thing
    return array if isinstance(thing, np.ndarray) else array.tolist()


def _distance(found: Any, right: Any) -> float:
    known = np.isfinite(right)
    if found is None or np.shape(found) != right.shape or not np.isfinite(found[known]).all():
        return float("inf")
    scale = max(np.max(np.abs(right[known]), initial=0), np.max(np.abs(found[known]), initial=0))
    off = np.max(np.abs(found - right)[known], initial=0)
    return float(off / scale) if scale else 0.0
