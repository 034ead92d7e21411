"""A softmax over the axis of the examples, so that they compete, and not the classes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from retrograd.errors import LikelyMistake
from retrograd.pairing.evidence import Evidence, where_of
from retrograd.program import Operand, Step, Value

_ON_THE_WAY = ("log", "add", "clip", "negative", "maximum", "astype", "log_softmax")
_MEETS_LABELS = ("multiply", "weighted", "subtract", "einsum")


def examples_compete(evidence: Evidence) -> Iterator[LikelyMistake]:
    """RG103, where the labels show which axis the examples are on."""
    said: set[Operand] = set()
    for step in evidence.program.steps:
        axis = step.params.get("axis")
        if step.op.name not in ("softmax", "log_softmax") or type(axis) is not int:
            continue
        if step.inputs[0] in said:
            continue
        if len(step.output.shape) != 2 or 1 in step.output.shape:
            continue
        axis %= 2
        proof = _labels(evidence, step.output, axis)
        if proof is None:
            continue
        said.add(step.inputs[0])
        examples, classes = step.output.shape[axis], step.output.shape[1 - axis]
        fixed = _over(evidence, step, 1 - axis)
        result = None if fixed is None else evidence.outcome({step.output: fixed})
        tried = f" (tried: gives {result:.4g})" if result is not None else ""
        source = step.inputs[0]
        yield LikelyMistake(
            "RG103",
            f"softmax over axis {axis} makes the {examples} examples compete, "
            f"not the {classes} classes",
            where=where_of(step),
            label=f"each {'column' if axis == 0 else 'row'} of the result sums to 1",
            notes=(evidence.sentence(source), proof),
            help=f"axis={1 - axis}, keepdims=True{tried}",
        )


def _over(evidence: Evidence, step: Step, axis: int) -> Any:
    array = evidence.array(step.inputs[0])
    return None if array is None else step.op.run(array, axis=axis)


def _labels(evidence: Evidence, shares: Value, axis: int) -> str | None:
    """What shows that the examples are on this axis; None if nothing does."""
    for step, used in evidence.below(shares, _ON_THE_WAY):
        if step.op.name == "index" and step.inputs[0] is used and len(step.inputs) == 3:
            rows, labels = (evidence.array(i) for i in step.inputs[1:])
            n = shares.shape[axis]
            if axis == 1:
                rows, labels = labels, rows
            in_order = np.ndim(rows) == 1 and np.array_equal(rows, np.arange(n))
            if in_order and np.shape(labels) == (n,) and shares.shape[0] != shares.shape[1]:
                return f"{evidence.name(step.inputs[2 - axis])} holds one class for each of them"
        if step.op.name in _MEETS_LABELS:
            for other in step.inputs:
                array = evidence.array(other)
                if not evidence.given(other) or np.shape(array) != shares.shape:
                    continue
                one_each = np.allclose(np.sum(array, axis=1 - axis), 1)
                if one_each and not np.allclose(np.sum(array, axis=axis), 1):
                    return f"{evidence.name(other)} sums to 1 along axis {1 - axis}"
    return None
