"""From a wrong line to the place in the backward pass that it stands for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from retrograd.diagnosis.at import At
from retrograd.diagnosis.backward import depends_on
from retrograd.diagnosis.edit import Edit
from retrograd.diagnosis.fault import Fault
from retrograd.diagnosis.forward import Forward
from retrograd.diagnosis.locate import Search
from retrograd.diagnosis.moves import count_of
from retrograd.diagnosis.nodes import nodes_of
from retrograd.diagnosis.numbers import ratio
from retrograd.diagnosis.tape import Tape
from retrograd.program import Step, Value

_SITES = 40  # lines after a change that are looked at


def wrong_round(fault: Fault, tape: Tape) -> tuple[Value, Value] | None:
    """What the user makes and whose gradient it is; of a loop, in the first round that is wrong."""
    site, values = fault.site, fault.node.values
    if len(site.values) == len(values) == 1:
        return site.values[0], values[0]
    needed = fault.layout.put(fault.needed, site.array.shape)
    rounds = len(site.values)
    if not len(values) == rounds == needed.shape[0] or fault.layout.kind == "turned":
        return None
    order = fault.layout.put(np.arange(rounds), (rounds,))
    for n, value in enumerate(site.values):
        if not np.allclose(tape.arrays[value], needed[n], rtol=1e-7, atol=1e-12):
            return value, values[int(order[n])]
    return None


def first_round(fault: Fault, forward: Forward, tape: Tape) -> At | None:
    """In a loop whose rounds build on one another, the first one that is wrong."""
    found = wrong_round(fault, tape)
    if found is None:
        return None
    user = np.asarray(tape.arrays[found[0]])
    node = next((m for m in forward.moving if m.values == found[1:]), None)
    if node is None or user.size != node.array.size:
        return None
    step = tape.steps[tape.place[found[0]]]
    taken = [tape.array(i) for i in step.inputs]
    user = user.reshape(node.array.shape) / fault.factor
    return At(forward, node, user, fault.factor, taken, counts=counts_of(tape))


def at_fault(fault: Fault, forward: Forward, tape: Tape) -> At:
    """The place in the backward pass that a wrong line stands for."""
    step = fault.site.step
    taken = [] if step is None else [tape.array(i) for i in step.inputs]
    user = fault.user / fault.factor
    return At(forward, fault.node, user, fault.factor, taken, runs_of(tape, step), counts_of(tape))


def without_repeats(at: At) -> Iterator[At]:
    """The places that stand for a loop's numbers, each of which is made again for every input.

    An inner loop makes the same number in all of its rounds; once each, they are a layer's vector.
    """
    user, needed = at.user, at.needed
    if user is None or user.ndim != 1 or len(at.node.values) != user.size:
        return
    for n in range(2, user.size // 2 + 1):
        if user.size % n:
            continue
        rows, right = user.reshape(-1, n), needed.reshape(-1, n)
        if np.array_equal(rows, rows[:, :1] + 0 * rows) and np.allclose(right, right[:, :1], 1e-9):
            for found in at.forward.catalogue.same(right[:, 0], True, kind="gradients"):
                gradient = at.forward.gradient(found.node)
                if gradient.shape == right[:, 0].shape and found.layout.kind == "same":
                    k = ratio(gradient, right[:, 0]) or 1.0
                    yield At(at.forward, found.node, rows[:, 0] / k, at.factor)


def counts_of(tape: Tape) -> frozenset[float]:
    """The whole numbers that something is divided by."""
    found = (count_of(step, tape) for step in tape.steps)
    return frozenset(c for c in found if c is not None)


def of_change(edit: Edit, search: Search) -> At | None:
    """The place in the backward pass where a change of a line makes the first right gradient."""
    tape, forward = search.tape, search.forward
    made = {s.output for b in edit.line.blocks for run in b.runs for s in run}
    wanted = depends_on(tape, made) & tape.ancestors([search.finals[n] for n in edit.repairs])
    for site in islice((s for s in nodes_of(tape, wanted) if s.array.size > 1), _SITES):
        known = all(np.shape(edit.arrays.get(v, ())) == v.shape for v in site.values)
        if site.array.dtype.kind != "f" or not known:
            continue
        array = Forward.stacked(site, edit.arrays)
        if np.array_equal(array, site.array):
            continue
        for found in forward.catalogue.same(array, len(site.values) > 1, kind="gradients"):
            needed = forward.gradient(found.node)
            right, user = (found.layout.put(a, needed.shape) for a in (array, site.array))
            return At(forward, found.node, user / (ratio(needed, right) or 1.0))
    return None


def runs_of(tape: Tape, step: Step | None) -> list[Any]:
    """What a line makes each time that it runs."""
    if step is None or step.where is None:
        return []
    twins = [
        s.output
        for s in tape.steps
        if s.where == step.where and s.op is step.op and s.output.shape == step.output.shape
    ]
    return [np.asarray(tape.arrays[v], dtype=float) for v in twins if v in tape.arrays]
