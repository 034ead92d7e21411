"""The first wrong line of a hand-written backward pass.

The user's backward is on a tape. An array of it is replaced by what it should be, a true gradient
of the same shape, and everything after it is computed again. Where wrong gradients come out right
then, and none goes wrong, the mistake is in the line that made this array; what follows only
inherits it. The earliest such line is the one. Then the next mistake, with this one mended.

Trying each array with each gradient would take long. What comes out depends on each array in
between linearly, as gradients do, so our backward of the user's backward says in one run what
replacing it would do to random projections of the results; what looks right there is computed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from retrograd.diagnosis.backward import depends_on, is_chained
from retrograd.diagnosis.fault import Fault, better
from retrograd.diagnosis.forward import Forward
from retrograd.diagnosis.nodes import Layout, Node, nodes_of
from retrograd.diagnosis.numbers import ratio
from retrograd.diagnosis.responses import Responses
from retrograd.diagnosis.tape import Tape
from retrograd.diagnosis.truth import Truth, fitted, input_values
from retrograd.program import Value

_SECONDS = 2.0
_MOST = 4  # mistakes that are told


class Search:
    """The search for wrong lines.

    Args:
        tape: the user's backward pass.
        forward: the forward pass with its true gradients.
        finals: the values that the user returns, by input.
        right: the true gradients, by input.
    """

    def __init__(
        self,
        tape: Tape,
        forward: Forward,
        finals: Mapping[str, Value],
        right: Mapping[str, Truth],
    ) -> None:
        self.tape, self.forward = tape, forward
        self.whole = tape
        self.finals = {n: v for n, v in finals.items() if v in tape.arrays}
        self.right = right
        self.until = time.thread_time() + _SECONDS
        self.jointly, self.chained = True, False  # how loops are looked at, and whether there are
        self.catalogue = forward.catalogue
        self.wrong = {n for n, v in self.finals.items() if not right[n].holds(tape.arrays[v])}
        self.under = {n: tape.ancestors([self.finals[n]]) for n in self.wrong}

    def faults(self, wrong: tuple[str, ...]) -> list[Fault]:
        """The wrong lines, in the order in which the code runs."""
        found: list[Fault] = []
        left = [n for n in wrong if n in self.finals]
        misshapen = {n for n in left if self._misshapen([n]) is not None}
        while left and len(found) < _MOST:
            fault = self._next([n for n in left if n not in misshapen])
            if fault is None:
                fault = self._misshapen(left)
            if fault is None:
                break
            found.append(fault)
            if fault.site.array.size == fault.needed.size:
                self.tape = self.tape.mended(fault.change())
            left = [n for n in left if n not in fault.repairs]
        return self._alone(found)

    def _alone(self, found: list[Fault]) -> list[Fault]:
        """The faults in the order of the lines, each as if it were the only one."""
        tape, alone = self.whole, []
        for fault in sorted(found, key=lambda f: f.site.place):
            if fault.site.array.size == fault.needed.size:
                fault = fault.on(tape)
                fault = replace(fault, ties=tuple(t.on(tape) for t in fault.ties))
                tape = tape.mended(fault.change())
            alone.append(fault)
        return alone

    def _is_data(self, site: Node) -> bool:
        """Whether an array is one of the forward pass that no weight goes into."""
        if self.forward.is_layer or any(v in self._moving for v in site.values):
            return False
        return site.array.size > 1 and self.forward.computes(site.array)

    @cached_property
    def _moving(self) -> set[Value]:
        own = input_values(self.whole)
        return depends_on(self.whole, {own[n] for n in self.forward.parameters if n in own})

    def _of_arrays(self, site: Node) -> bool:
        """Whether a number is made of an array."""
        return any(v in self._made_of_arrays for v in site.values)

    @cached_property
    def _made_of_arrays(self) -> set[Value]:
        known = {v for v in self.tape.inputs if np.prod(v.shape, dtype=int) > 1}
        for step in self.tape.steps:
            if np.prod(step.output.shape, dtype=int) > 1 or not known.isdisjoint(step.values()):
                known.add(step.output)
        return known

    @cached_property
    def _needed(self) -> set[Value]:
        """What the gradients are made of."""
        return self.tape.ancestors(list(self.finals.values()))

    def _used_rightly(self, site: Node, needed: Any) -> bool:
        """Whether a right quantity is made of an array, so that the array is what it should be."""
        if not self._matches(site.array, len(site.values) > 1, needed, 0.0):
            return False
        for value in site.values:
            for step in self.tape.users.get(value, ()):
                aside = step.output not in self._needed or step.output in self.tape.fixed
                if step.op.view or step.output.shape == () or aside:
                    continue
                found = np.asarray(self.tape.arrays.get(step.output, 0.0))
                names = [n for n, v in self.finals.items() if v is step.output]
                if (
                    found.size > 1
                    and found.dtype.kind == "f"
                    and not names
                    and self._matches(found, False, None, 0.0)
                ):
                    return True
        return False

    def _is_final(self, node: Node) -> bool:
        return node.values[0] in set(self.forward.parameters.values())

    def _misshapen(self, left: list[str]) -> Fault | None:
        """A gradient that is returned in a shape that its input does not have."""
        for name in left:
            value = self.finals[name]
            array = np.asarray(self.tape.arrays[value], dtype=float)
            if fitted(array, self.right[name].gradient.shape) is not None:
                continue
            own = self.forward.parameters.get(name)
            node = next((n for n in self.forward.moving if n.values == (own,)), None)
            site = next((n for n in nodes_of(self.tape, {value}) if n.values == (value,)), None)
            if node is not None and site is not None:
                gradient = self.forward.gradient(node)
                return Fault(site, node, Layout("same"), 1.0, gradient, array, (name,), False)
        return None

    def _next(self, left: list[str]) -> Fault | None:
        """The first wrong line; in loops for all gradients together, then for each of them."""
        if not left:
            return None
        self.jointly = True
        found = self._first(left)
        if found is None and len(left) > 1 and self.chained:
            self.jointly = False
            found = self._first(left)
        return found

    def _first(self, left: list[str]) -> Fault | None:
        responses = {n: Responses(self.tape, v, self.right[n]) for n, v in self.finals.items()}
        ancestors = self.tape.ancestors([self.finals[n] for n in left])
        best: Fault | None = None
        ties: list[Fault] = []
        before: list[Fault] = []
        for site in nodes_of(self.tape, ancestors):
            step = site.step
            if site.array.dtype.kind != "f" or step is None or step.op.like:
                continue
            if not any(True for _ in step.values()):
                continue  # zeros to add to
            if site.array.size == 1 and not self._of_arrays(site):
                continue  # a rate, a strength of a penalty
            for fault in self._at(site, left, responses):
                if best is None or better(fault, best):
                    before += [best, *ties] if best is not None and best.matches else []
                    ties = [t for t in (best, *ties) if t is not None and t.site is site]
                    best = fault
                elif fault.repairs == best.repairs:
                    ties.append(fault)
        if best is None:
            return None
        kept = [t for t in ties if t.site is best.site or t.scaled]
        aside = [t for t in before if t.repairs == best.repairs and t.site.place < best.site.place]
        return replace(best, ties=tuple(kept), aside=tuple(aside))

    def _at(
        self, site: Node, left: list[str], responses: Mapping[str, Responses]
    ) -> Iterator[Fault]:
        user, looped = site.array, len(site.values) > 1
        felt = {n: responses[n].at(site) for n in left}
        felt = {n: a for n, a in felt.items() if a is not None}
        reached = [n for n, under in self.under.items() if any(v in under for v in site.values)]
        candidates, rows = self.catalogue.gradients(user.shape, looped)
        if not felt or not candidates or self._is_data(site):
            return
        if looped and is_chained(self.tape, site):
            self.chained = True
            right = self.catalogue.same(user, looped)
            if self.jointly and any(True for _ in right):
                return  # only what is wrong by itself: trying takes long here
            responses, felt = self._together(site, left)
            if not felt:
                return
        found: dict[tuple[int, float], None] = {}
        for name, rates in felt.items():
            factors = responses[name].factors(rates, user, rows)
            for n in np.flatnonzero(np.isfinite(factors)):
                found.setdefault((int(n), float(f"{factors[n]:.9g}")))
        outcomes: dict[bytes, tuple[str, ...]] = {}
        for number, factor in found:
            node, layout = candidates[number].node, candidates[number].layout
            gradient, right = self.forward.gradient(node), rows[number].reshape(user.shape)
            if gradient.size > 1 and np.ptp(gradient) == 0 and not self._is_final(node):
                continue  # the gradient of a sum: ones, which stand for a slope as well
            needed = factor * right
            if np.allclose(user, needed, rtol=1e-9, atol=1e-300):
                continue
            key = np.round(needed / np.max(np.abs(needed)), 9).tobytes() + str(factor).encode()
            if key not in outcomes:
                outcomes[key] = self._repaired(site, needed, left)
            repairs = outcomes[key]
            if repairs and not self._used_rightly(site, needed):
                yield Fault(
                    site,
                    node,
                    layout,
                    factor,
                    factor * gradient,
                    layout.put(user, gradient.shape),
                    repairs,
                    self._matches(user, looped, right, factor) or self._is_forward(site),
                    len(repairs) == 1 and all(v in self.forward.weights for v in node.values),
                    len(repairs) < len(reached) and ratio(needed, user) is not None,
                )

    def _together(self, site: Node, left: list[str]) -> tuple[dict[str, Responses], dict[str, Any]]:
        """The responses to a loop's arrays, each of which makes the next one, being replaced."""
        groups = [left] if self.jointly or len(left) == 1 else [[n] for n in left]
        responses, felt = {}, {}
        for group in groups if time.thread_time() < self.until else ():
            finals = {n: self.finals[n] for n in group}
            joint = Responses.together(self.tape, finals, self.right, site)
            if joint is not None:
                responses[" ".join(group)], felt[" ".join(group)] = joint
        return responses, felt

    def _repaired(self, site: Node, needed: Any, left: list[str]) -> tuple[str, ...]:
        return self.repaired(self.tape.again(site.split(needed)), left)

    def repaired(self, arrays: Mapping[Value, Any], left: list[str]) -> tuple[str, ...]:
        """The wrong gradients that are right among these arrays, if no right one is wrong."""
        repaired = []
        for name, value in self.finals.items():
            holds = value in arrays and self.right[name].holds(arrays[value])
            if holds and name in left:
                repaired.append(name)
            elif not holds and name not in left and name not in self.wrong:
                return ()
        return tuple(repaired)

    def _matches(self, user: Any, looped: bool, right: Any, factor: float) -> bool:
        """Whether an array is right as it is, or is another right quantity than the one needed."""
        k = ratio(right, user) if right is not None else None
        if k is not None:
            return abs(k - 1) < 1e-9 and factor != 1.0
        return any(True for _ in self.catalogue.same(user, looped))

    def _is_forward(self, site: Node) -> bool:
        """Whether an array is one of the forward pass, used for the loss as well."""
        beside = any(
            s.output not in self._needed for v in site.values for s in self.tape.users.get(v, ())
        )
        return beside and self.forward.computes(site.array)
