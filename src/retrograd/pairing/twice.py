"""Softmax, or sigmoid, applied twice: a loss that takes logits gets probabilities."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from retrograd.errors import LikelyMistake
from retrograd.pairing.evidence import SOFTMAXES, Evidence, where_of
from retrograd.program import Step, Value

_SIGMOIDS = ("sigmoid", "log_sigmoid")


def applied_twice(evidence: Evidence) -> Iterator[LikelyMistake]:
    """RG204, for each softmax or sigmoid of what is a share already."""
    said: set[Value] = set()
    for step in evidence.program.steps:
        name = step.op.name
        if name not in (*SOFTMAXES, *_SIGMOIDS) or not isinstance(step.inputs[0], Value):
            continue
        of = evidence.origin(step.inputs[0])
        first = evidence.maker(of)
        if not isinstance(of, Value) or of in said:
            continue
        if name in SOFTMAXES and first is not None and first.op.name == "softmax":
            said.add(of)
            yield _found(evidence, step, of, first, "softmax")
        elif name in _SIGMOIDS and first is not None and first.op.name == "sigmoid":
            said.add(of)
            yield _found(evidence, step, of, first, "sigmoid")
        elif (
            name in ("log_softmax", "logsumexp")
            and of in evidence.inputs
            and _are_shares(evidence, step, of)
        ):
            said.add(of)
            yield _found(evidence, step, of, None, "softmax")


def _are_shares(evidence: Evidence, step: Step, of: Value) -> bool:
    """Whether an input along the axis of a softmax consists of probabilities."""
    array, axis = evidence.array(step.inputs[0]), step.params.get("axis")
    if array is None or type(axis) is not int or np.ndim(array) < 2 or of.dtype.kind != "f":
        return False
    if array.shape[axis] < 2 or array.size == 0 or array.min() < 0 or array.max() > 1:
        return False
    return bool(np.allclose(array.sum(axis=axis), 1, atol=1e-6))


def _found(
    evidence: Evidence, step: Step, of: Value, first: Step | None, name: str
) -> LikelyMistake:
    shown = evidence.name(of)
    already = (
        f"{shown} went through {name} already"
        if first is not None
        else f"the rows of {shown} are probabilities already"
    )
    notes = [evidence.sentence(of)]
    if name == "softmax":
        axis = step.params.get("axis")
        classes = of.shape[axis] if type(axis) is int else math.prod(of.shape)
        floor = math.log(1 + (classes - 1) / math.e)
        notes.append(f"with {classes} classes a cross-entropy can then never go below {floor:.3f}")
    else:
        notes.append("the second sigmoid gives numbers from 0.5 to 0.731 only")
    return LikelyMistake(
        "RG204",
        f"{name} is applied twice: here it is applied, and {already}",
        where=where_of(step),
        label=f"applies {name} again",
        notes=notes,
        help=_way_out(evidence, of, first, name),
    )


def _way_out(evidence: Evidence, of: Value, first: Step | None, name: str) -> str:
    if first is None or not isinstance(first.inputs[0], Value):
        return f"give it logits, or take the logarithm: nll(np.log({evidence.name(of)}), y)"
    logits = first.inputs[0]
    array = evidence.array(logits)
    result = None if array is None else evidence.outcome({of: array})
    if result is None:
        return f"give it the logits, before {name}"
    return f"{evidence.name(logits)} in place of {evidence.name(of)} (tried: gives {result:.4g})"
