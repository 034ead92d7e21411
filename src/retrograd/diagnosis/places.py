"""From a wrong line to the place in the backward pass that it stands for."""

from __future__ import annotations

from typing import Any

import numpy as np

from retrograd.diagnosis.at import At
from retrograd.diagnosis.fault import Fault
from retrograd.diagnosis.forward import Forward
from retrograd.diagnosis.tape import Tape
from retrograd.program import Step


def first_round(fault: Fault, forward: Forward, tape: Tape) -> At | None:
    """In a loop whose rounds build on one another, the first one that is wrong."""
    site, needed = fault.site, fault.layout.put(fault.needed, fault.site.array.shape)
    rounds = len(site.values)
    fits = len(fault.node.values) == rounds == needed.shape[0]
    if not fits or fault.layout.kind == "turned":
        return None
    order = fault.layout.put(np.arange(rounds), (rounds,))
    for n in range(rounds):
        user = np.asarray(tape.arrays[site.values[n]])
        if np.allclose(user, needed[n], rtol=1e-7, atol=1e-12):
            continue
        value = fault.node.values[int(order[n])]
        node = next((m for m in forward.moving if m.values == (value,)), None)
        if node is None or user.size != node.array.size:
            return None
        step = tape.steps[tape.place[site.values[n]]]
        taken = [tape.array(i) for i in step.inputs]
        return At(forward, node, user.reshape(node.array.shape) / fault.factor, fault.factor, taken)
    return None


def at_fault(fault: Fault, forward: Forward, tape: Tape) -> At:
    """The place in the backward pass that a wrong line stands for."""
    step = fault.site.step
    taken = [] if step is None else [tape.array(i) for i in step.inputs]
    user = fault.user / fault.factor
    return At(forward, fault.node, user, fault.factor, taken, runs_of(tape, step))


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
