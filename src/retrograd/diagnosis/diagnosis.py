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

from retrograd.diagnosis.at import At
from retrograd.diagnosis.backward import is_chained
from retrograd.diagnosis.beside import beside, first, said
from retrograd.diagnosis.blame import to_blame
from retrograd.diagnosis.cause import by_name
from retrograd.diagnosis.changed import with_changes
from retrograd.diagnosis.explain import Match, deep_matches, matches
from retrograd.diagnosis.fault import Fault
from retrograd.diagnosis.finding import Diagnosis, Finding, Row, come_out_right
from retrograd.diagnosis.forward import Forward
from retrograd.diagnosis.locate import Search
from retrograd.diagnosis.numbers import ratio
from retrograd.diagnosis.parts import missing_part
from retrograd.diagnosis.places import at_fault, first_round
from retrograd.diagnosis.probe import Inputs, Probe, array_of
from retrograd.diagnosis.repairs import Repair, n_by_n, repair
from retrograd.diagnosis.rounds import left_out
from retrograd.diagnosis.surroundings import family_of
from retrograd.diagnosis.tape import CANNOT_RUN, Tape, record
from retrograd.diagnosis.truth import Truth, fitted, input_values, truths, wrong_names
from retrograd.diagnosis.unexplained import unexplained
from retrograd.program import Step, Value

_MOST = 4  # findings
_SMALLER = 4  # times that the inputs are made smaller
_DOUBTFUL = 1e-7
_BY_COUNT = ("missing_batch_mean", "divided_twice_by_batch", "divided_by_wrong_count")
_TIES = 0.5  # seconds for lines that explain as much


def diagnose(
    loss: Callable[[Any], Any],
    grads: Callable[[Any], Any],
    inputs: Inputs | Callable[..., Inputs],
    *,
    seed: int = 0,
) -> Diagnosis:
    """Which of your gradients are wrong, where, and why.

    Args:
        loss: `loss(inputs) -> float`, your forward pass; any Python around it.
        grads: `grads(inputs) -> {"dW1": array, ...}`, your backward pass; the gradient of the input
            W1 is called dW1. Inputs without a gradient are fine.
        inputs: a dict of arrays, parameters and data, or a function of a seed that returns one.
        seed: for that function.

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
    return diagnosed(Probe(loss, grads, inputs, seed))


def diagnosed(probe: Probe) -> Diagnosis:
    """The diagnosis of what a probe found."""
    with np.errstate(all="ignore"):  # numbers that overflow are evidence
        return _Diagnosing(probe).run()


class _Diagnosing:
    def __init__(self, probe: Probe) -> None:
        self.started = time.monotonic()
        self.probe = probe
        self.keys = self.probe.keys
        self.patience = 0.7  # seconds for the longest of the searches

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
                {self.keys[n]: (probe.gradients[n], self.right[n]) for n in rest}, forward
            )
        if probe.asked is not probe.inputs:
            tape = record(probe.loss, probe.asked, probe.reset)
        if tape is not None:
            others = beside(tape, parameters, "error" if wrong else "warning")
            findings = first(findings, others)
        if not findings and self._adds_up():
            fact = "called again with the same inputs, the gradients are twice as large"
            findings = [said("gradients_not_reset", fact)]
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
            a is not None and b is not None and a.shape == b.shape and np.allclose(2 * a, b)
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
        found: list[Finding] = []
        left = [n for n in wrong if n in finals]
        square = n_by_n(tape, [finals[n] for n in left])
        if square is not None:
            return [self._broadcast(square, wrong)]
        while left:
            mended = repair(search, left)
            if mended is None:
                break
            found.append(self._repaired(mended))
            left = [n for n in left if n not in mended.repairs]
            search = Search(mended.tape, forward, finals, self.right)
        for fault in search.faults(tuple(left)):
            found.append(self._explained(fault, forward, tape))
        whole = Search(tape, forward, finals, self.right)
        return with_changes(_merged(found), whole, wrong, self.keys)

    def _broadcast(self, step: Step, wrong: tuple[str, ...]) -> Finding:
        cause = by_name("broadcast_n_by_n")
        shapes = " and ".join(str(v.shape) for v in step.values())
        fact = f"seen: {shapes} give {step.output.shape}"
        return cause.finding([self.keys[n] for n in wrong], [fact], step.where)

    def _explained(self, fault: Fault, forward: Forward, tape: Tape) -> Finding:
        """The finding for a wrong line; of lines off by the same number, for the best known."""
        at = self._whole(fault, forward, tape) or at_fault(fault, forward, tape)
        if len(fault.site.values) > 1 and is_chained(tape, fault.site):
            at = first_round(fault, forward, tape) or at
        known, scaled = matches(at), fault.scaled
        until = time.thread_time() + _TIES
        for tie in fault.ties:
            if time.thread_time() > until:
                break
            margin = 0.5 if tie.site is fault.site else 1.0
            if tie.site is not fault.site and not scaled:
                continue
            there = at_fault(tie, forward, tape)
            better = matches(there)
            if better and (
                not known or better[0].suspect.weight > known[0].suspect.weight + margin
            ):
                fault, at, known = tie, there, better
        if known and known[0].cause.blames in ("first", "addend"):
            for earlier in reversed(fault.aside):
                there = at_fault(earlier, forward, tape)
                matched = [m for m in matches(there) if m.cause is known[0].cause]
                if matched:
                    fault, at, known = earlier, there, matched
                    break
        if scaled and known and known[0].cause.family == "scale":
            fault, at, known = self._scaled(fault, at, known, forward, tape)
        sure = [m for m in known if m.suspect.weight >= 1]
        if not sure and at.is_parameter and ratio(at.needed, at.user) is None:
            started = time.thread_time()
            known = deep_matches(at, self.patience) or known
            self.patience = max(0.0, self.patience - (time.thread_time() - started))
        return self._finding(fault, known[0] if known else None, at, tape)

    @staticmethod
    def _scaled(
        fault: Fault, at: At, known: list[Match], forward: Forward, tape: Tape
    ) -> tuple[Fault, At, list[Match]]:
        """A number is missing where a gradient is made, not in the error that it is made of."""
        if len(fault.repairs) == 1 and not fault.final and known[0].cause.name in _BY_COUNT:
            for tie in fault.ties:
                where, there = tie.site.where, at_fault(tie, forward, tape)
                near = where and fault.site.where and where.function == fault.site.where.function
                if tie.scaled and tie.final and near:
                    matched = [m for m in matches(there) if m.cause is known[0].cause]
                    if matched:
                        return tie, there, matched
        if not forward.computes(fault.site.array):
            return fault, at, known
        for tie in fault.ties:
            if tie.scaled and not forward.computes(tie.site.array):
                there = at_fault(tie, forward, tape)
                matched = matches(there)
                if matched and matched[0].cause is known[0].cause:
                    return tie, there, matched
        return fault, at, known

    def _whole(self, fault: Fault, forward: Forward, tape: Tape) -> At | None:
        """Where a loop adds up a parameter's gradient: the whole of it."""
        value = fault.node.values[0]
        node = next((n for n in forward.moving if n.values == (value,)), None)
        final = next((tape.leaf(self.keys[n]) for n in fault.repairs), None)
        if len(set(fault.node.values)) == len(fault.node.values) or node is None:
            return None
        if not isinstance(final, Value) or fitted(tape.arrays[final], value.shape) is None:
            return None
        there = at_fault(fault, forward, tape)
        user = fitted(tape.arrays[final], value.shape)
        return At(forward, node, user, 1.0, there.taken, there.executions, there.counts)

    def _repaired(self, mended: Repair) -> Finding:
        cause = by_name(mended.cause)
        quantities = tuple(self.keys[n] for n in mended.repairs)
        fact = f"tried: repaired by value, {come_out_right(quantities)}"
        return cause.finding(quantities, [fact], mended.where)

    def _finding(self, fault: Fault, match: Match | None, at: At, tape: Tape) -> Finding:
        where = to_blame(fault, tape, at.forward, match.cause.blames if match else None)
        quantities = tuple(self.keys[n] for n in fault.repairs)
        name = fault.site.text or "this"
        if match is None:
            tried = f"with the true gradient here, {come_out_right(quantities)}"
            message, part = f"{name} is wrong: {tried}", missing_part(fault, tape, at.forward)
            loop = left_out(at, where)
            if loop is not None:
                message, part = (
                    f"{loop[1]}: with all of them, {come_out_right(quantities)}",
                    loop[0],
                )
            elif part is not None:
                message = f"{name} is a sum, and the part from this line is wrong or lacks a term"
            return Finding("RG590", None, family_of(at), quantities, message, where=part or where)
        cause, suspect = match.cause, match.suspect
        evidence = [f"seen in {name}: {suspect.says}"] if suspect.says else []
        fix = suspect.fix or cause.fix
        if match.factor != 1.0:
            left = f"what is left is {match.factor:.6g} times what it should be"
            evidence.append(f"without that, {left}: {at.sizes.name(match.factor)}")
            fix = f"{fix}; {left}" if fix else ""
        evidence += suspect.evidence
        evidence.append(f"tried: with the true gradient here, {come_out_right(quantities)}")
        return cause.finding(quantities, evidence, suspect.line or where, fix=fix)

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
