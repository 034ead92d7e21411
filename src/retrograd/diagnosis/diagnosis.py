"""diagnose(loss, grads, inputs): which mistake is in a hand-written backward pass.

The order of things: the two functions are called at probe inputs (`probe`); the true gradients
come from differences and from our own backward of the forward pass (`truth`); both functions are
followed array by array (`tape`); the first wrong line is found (`locate`, `blame`); and what it
makes is compared with what known mistakes, and changes of the right program, would make there
(`explain`, `causes/`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from retrograd.diagnosis.beside import beside, first
from retrograd.diagnosis.beside import said as noted
from retrograd.diagnosis.changed import with_changes
from retrograd.diagnosis.elsewhere import elsewhere
from retrograd.diagnosis.finding import Diagnosis, Finding, Row
from retrograd.diagnosis.findings import Findings
from retrograd.diagnosis.forward import Forward
from retrograd.diagnosis.locate import Search
from retrograd.diagnosis.own_check import of_check
from retrograd.diagnosis.probe import Inputs, Probe, array_of
from retrograd.diagnosis.repairs import n_by_n, repair
from retrograd.diagnosis.smallest import with_smallest
from retrograd.diagnosis.tape import CANNOT_RUN, record
from retrograd.diagnosis.truth import Truth, input_values, truths, wrong_names
from retrograd.diagnosis.unexplained import unexplained
from retrograd.program import Value

_MOST = 4  # findings
_SMALLER = 4  # times that the inputs are made smaller
_DOUBTFUL = 1e-7


def diagnose(
    loss: Callable[[Any], Any],
    grads: Callable[[Any], Any],
    inputs: Inputs | Callable[..., Inputs],
    *,
    seed: int = 0,
    check: Callable[[Any], Any] | None = None,
) -> Diagnosis:
    """Which of your gradients are wrong, where, and why.

    Args:
        loss: `loss(inputs) -> float`, your forward pass; any Python around it.
        grads: `grads(inputs) -> {"dW1": array, ...}`, your backward pass; the gradient of the input
            W1 is called dW1. Inputs without a gradient are fine.
        inputs: a dict of arrays, parameters and data, or a function of a seed that returns one.
        seed: for that function.
        check: your own gradient check, `check(inputs) -> {"dW1": array, ...}`, the gradients by
            differences, to be looked at as well.

    Returns:
        A `Diagnosis`: `.ok`, `.wrong`, `.findings`; print it.

    Raises:
        ArgumentError: RG583, the inputs or the gradients are no dicts, or no gradient is called
            after an input; RG584, the loss is no number.

    >>> import numpy as np
    >>> def loss(inputs):
    ...     return np.mean((inputs["x"] @ inputs["w"]) ** 2)
    >>> def grads(inputs):
    ...     x, w = inputs["x"], inputs["w"]
    ...     return {"dw": x.T @ (x @ w) / len(x)}
    >>> found = diagnose(loss, grads, {"x": np.eye(3, 2) + 0.5, "w": np.array([1.0, -2.0])})
    >>> found.wrong, found.findings[0].cause
    (('dw',), 'missing_factor_two')
    """
    probe = Probe(loss, grads, inputs, seed)
    found = diagnosed(probe)
    found = found if found.wrong else elsewhere(probe, found, inputs, seed, diagnosed)
    if check is None:
        return found
    with np.errstate(all="ignore"):
        return replace(found, findings=(*found.findings, *of_check(probe, check))[:_MOST])


def diagnosed(probe: Probe) -> Diagnosis:
    """The diagnosis of what a probe found."""
    with np.errstate(all="ignore"):  # numbers that overflow are evidence
        return _Diagnosing(probe).run()


class _Diagnosing:
    def __init__(self, probe: Probe) -> None:
        self.started = time.monotonic()
        self.probe = probe
        self.keys = self.probe.keys

    def run(self) -> Diagnosis:
        probe = self.probe
        tape = record(probe.loss, probe.inputs, probe.reset, watch=True)
        self.right, backward = truths(probe, tape)
        wrong = wrong_names(probe.gradients, self.right)
        for _ in range(_SMALLER):
            if not any(self.right[n].doubt > _DOUBTFUL for n in wrong):
                break
            probe.shrink(0.4)  # saturated: 1 - p is nothing but rounding
            tape = record(probe.loss, probe.inputs, probe.reset, watch=True)
            self.right, backward = truths(probe, tape)
            wrong = wrong_names(probe.gradients, self.right)
        findings: list[Finding] = []
        forward: Forward | None = None
        own = input_values(tape) if tape is not None else {}
        parameters = {n: own[n] for n in probe.gradients if n in own}
        if wrong and tape is not None and backward is not None:
            forward = Forward(tape, backward, parameters)
            findings = self._followed(forward, wrong)
        explained = {q for f in findings for q in f.quantities}
        rest = tuple(n for n in wrong if self.keys[n] not in explained)
        if rest:
            findings += unexplained(
                {self.keys[n]: (probe.gradients[n], self.right[n]) for n in rest},
                probe.examples,
                forward,
            )
        findings = [with_smallest(f, probe, wrong) if f.code == "RG590" else f for f in findings]
        if probe.asked is not probe.inputs:
            tape = record(probe.loss, probe.asked, probe.reset)
        if tape is not None:
            others = beside(tape, parameters, "error" if wrong else "warning")
            findings = first(findings, others)
        if not findings and self._adds_up():
            fact = "called again with the same inputs, the gradients are twice as large"
            findings = [noted("gradients_not_reset", fact)]
        return Diagnosis(
            tuple(self.keys[n] for n in wrong),
            tuple(findings[:_MOST]),
            tuple(self._row(n, n in wrong) for n in probe.gradients),
            seconds=time.monotonic() - self.started,
        )

    def _adds_up(self) -> bool:
        """Whether a second call adds to what the first one made."""
        probe = self.probe
        kept, probe.reset = probe.reset, lambda: None
        try:
            again = probe.again()
        except CANNOT_RUN:
            return False
        finally:
            probe.reset = kept
        pairs = [(array_of(probe.gradients[n]), array_of(g)) for n, g in again.items()]
        return all(
            a is not None and b is not None and a.shape == b.shape and np.allclose(2 * a, b, atol=0)
            for a, b in pairs
        ) and any(np.any(a) for a, _ in pairs)

    def _followed(self, forward: Forward, wrong: tuple[str, ...]) -> list[Finding]:
        """What is found by following the user's backward array by array."""
        tape = record(self.probe.grads, self.probe.inputs, self.probe.reset, watch=True)
        if tape is None:
            return []
        leaves = {n: tape.leaf(self.keys[n]) for n in self.probe.gradients}
        finals = {n: v for n, v in leaves.items() if isinstance(v, Value)}
        search = Search(tape, forward, finals, self.right)
        said, found = Findings(self.keys, forward, tape), list[Finding]()
        left = [n for n in wrong if n in finals]
        square = n_by_n(tape, [finals[n] for n in left])
        if square is not None:
            return [said.of_broadcast(square, wrong)]
        while left:
            mended = repair(search, left)
            if mended is None:
                break
            found.append(said.of_repair(mended))
            left = [n for n in left if n not in mended.repairs]
            search = Search(mended.tape, forward, finals, self.right)
        for fault in search.faults(tuple(left)):
            found.append(said.of_fault(fault))
        whole = Search(tape, forward, finals, self.right)
        return with_changes(_merged(found), whole, wrong, self.keys)

    def _row(self, name: str, wrong: bool) -> Row:
        found = array_of(self.probe.gradients[name])
        shape = None if found is None else found.shape
        expected = np.shape(array_of(self.probe.inputs[name]))
        right: Mapping[str, Truth] = self.right
        distance = right[name].distance(self.probe.gradients[name])
        return Row(self.keys[name], shape, expected, distance, not wrong)


def _merged(findings: Sequence[Finding]) -> list[Finding]:
    """Findings of one mistake, made on one line for several layers or on several lines, as one."""
    merged: dict[object, Finding] = {}
    for finding in findings:
        key = finding.cause or (finding.family, finding.file, finding.line)
        known = merged.get(key)
        if known is None:
            merged[key] = finding
            continue
        quantities = tuple(dict.fromkeys(known.quantities + finding.quantities))
        where = known.where
        if where and finding.where and finding.where.file == where.file:
            where = min(where, finding.where, key=lambda p: p.line)
        merged[key] = replace(known, quantities=quantities, where=where)
    return list(merged.values())
