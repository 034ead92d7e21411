"""The finding for a wrong line, for a repair that mends it, for a broadcast on the way."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from retrograd.diagnosis.at import At
from retrograd.diagnosis.backward import is_chained
from retrograd.diagnosis.blame import to_blame
from retrograd.diagnosis.cause import by_name
from retrograd.diagnosis.explain import Match, deep_matches, matches
from retrograd.diagnosis.fault import Fault
from retrograd.diagnosis.finding import Finding, come_out_right
from retrograd.diagnosis.forward import Forward
from retrograd.diagnosis.numbers import ratio
from retrograd.diagnosis.parts import missing_part
from retrograd.diagnosis.places import at_fault, first_round, without_repeats
from retrograd.diagnosis.repairs import Repair
from retrograd.diagnosis.rounds import left_out
from retrograd.diagnosis.surroundings import family_of
from retrograd.diagnosis.tape import Tape
from retrograd.diagnosis.truth import fitted
from retrograd.program import Step, Value

_BY_COUNT = ("missing_batch_mean", "divided_twice_by_batch", "divided_by_wrong_count")
_TIES = 0.5  # seconds for lines that explain as much
_PATIENCE = 0.7  # seconds for the longest of the searches


class Findings:
    """What is said about one backward pass.

    Args:
        keys: what the user calls the gradients, by the name of their input.
        forward: the forward pass.
        tape: the user's backward.
    """

    def __init__(self, keys: Mapping[str, str], forward: Forward, tape: Tape) -> None:
        self.keys, self.forward, self.tape = keys, forward, tape
        self.patience = _PATIENCE

    def of_broadcast(self, step: Step, wrong: Sequence[str]) -> Finding:
        """An elementwise operation of a row and a column, of which everything wrong comes."""
        cause = by_name("broadcast_n_by_n")
        shapes = " and ".join(str(v.shape) for v in step.values())
        fact = f"seen: {shapes} give {step.output.shape}"
        return cause.finding([self.keys[n] for n in wrong], [fact], step.where)

    def of_fault(self, fault: Fault) -> Finding:
        """The finding for a wrong line; of lines off by the same number, for the best known."""
        forward, tape = self.forward, self.tape
        at = self._whole(fault) or at_fault(fault, forward, tape)
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
            fault, at, known = self._scaled(fault, at, known)
        for once in without_repeats(at) if not known else ():
            known = matches(once)
            if known:
                at = once
                break
        sure = [m for m in known if m.suspect.weight >= 1]
        if not sure and at.is_parameter and ratio(at.needed, at.user) is None:
            started = time.thread_time()
            known = deep_matches(at, self.patience) or known
            self.patience = max(0.0, self.patience - (time.thread_time() - started))
        return self._finding(fault, known[0] if known else None, at)

    def _scaled(self, fault: Fault, at: At, known: list[Match]) -> tuple[Fault, At, list[Match]]:
        """A number is missing where a gradient is made, not in the error that it is made of."""
        forward, tape = self.forward, self.tape
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

    def _whole(self, fault: Fault) -> At | None:
        """Where a loop adds up a parameter's gradient: the whole of it."""
        forward, tape = self.forward, self.tape
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

    def of_repair(self, mended: Repair) -> Finding:
        """A mistake of memory that is mended on the tape."""
        cause = by_name(mended.cause)
        quantities = tuple(self.keys[n] for n in mended.repairs)
        fact = f"tried: repaired by value, {come_out_right(quantities)}"
        return cause.finding(quantities, [fact], mended.where)

    def _finding(self, fault: Fault, match: Match | None, at: At) -> Finding:
        tape = self.tape
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
        made = cause.finding(quantities, evidence, suspect.line or where, fix=fix)
        return replace(made, family=suspect.family) if suspect.family else made
