"""What kind of function stands at a place: a square, a sigmoid, a ReLU, labels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from retrograd.diagnosis.backward import depends_on
from retrograd.diagnosis.cause import Suspect
from retrograd.diagnosis.forward import Elementwise
from retrograd.diagnosis.nodes import Node
from retrograd.diagnosis.numbers import ratio

if TYPE_CHECKING:
    from retrograd.diagnosis.at import At


def squares(at: At) -> bool:
    """Whether the loss squares something that depends on this quantity."""
    tape = at.forward.tape
    after = depends_on(tape, set(at.node.values))
    for step in tape.steps:
        if not any(v in after for v in step.values()):
            continue
        if step.op.name == "square":
            return True
        if step.op.name in ("power", "float_power"):
            exponent = tape.array(step.inputs[1])
            if exponent is not None and np.all(np.asarray(exponent) == 2):
                return True
        twice = len(step.inputs) == 2 and step.inputs[0] is step.inputs[1]
        if step.op.name in ("multiply", "dot", "vdot", "inner") and twice:
            return True
    return False


def averages(at: At) -> list[int]:
    """The counts that the loss divides by, and their products."""
    tape = at.forward.tape
    found: list[int] = []
    for step in tape.steps:
        if step.output not in at.forward.backward.gradients:
            continue
        if step.op.name == "mean":
            inside = np.size(tape.array(step.inputs[0]))
            found.append(inside // max(1, int(np.prod(step.output.shape, dtype=int))))
        elif step.op.name in ("divide", "multiply"):
            for operand in step.inputs:
                number = tape.array(operand)
                if np.ndim(number) == 0 and number is not None and float(number):
                    n = float(number) if step.op.name == "divide" else 1 / float(number)
                    if n > 1 and abs(n - round(n)) < 1e-9:
                        found.append(round(n))
    found += [a * b for i, a in enumerate(found) for b in found[i + 1 :]]
    return list(dict.fromkeys(n for n in found if n > 1)) or [at.sizes.n]


def is_sigmoid(e: Elementwise) -> bool:
    """Whether a function of single entries is a logistic sigmoid."""
    with np.errstate(all="ignore"):
        return np.allclose(e.a.array, 1 / (1 + np.exp(-e.z.array)), rtol=1e-7)


def is_relu(e: Elementwise) -> bool:
    """Whether it is a ReLU."""
    return np.allclose(e.a.array, np.maximum(e.z.array, 0), rtol=1e-9, atol=0)


def is_piecewise(e: Elementwise) -> bool:
    """Whether it is the identity on the right and a line on the left."""
    z, d = e.z.array, e.derivative
    left = z < 0
    return bool(left.any()) and np.allclose(d[~left], 1) and bool(np.ptp(d[left]) < 1e-9)


def labelled(at: At) -> Iterator[tuple[Any, Any, Any]]:
    """(p, y, scale) with the gradient needed here equal to scale * (p - y)."""
    for s in at.softmaxes:
        p = s.p.array
        targets = -at.gradient(s.p) * p
        scale = targets.sum(axis=s.axis, keepdims=True)
        if np.all(np.abs(scale) > 1e-12 * np.max(np.abs(scale))):
            y = targets / scale
            if np.min(y) >= -1e-9:
                yield p, y, scale
    for e in at.activations:
        if not is_sigmoid(e):
            continue
        given = [np.asarray(a) for a in at.forward.tape.inputs.values()]
        whole = [
            a.reshape(at.needed.shape)
            for a in given
            if a.dtype.kind in "iub" and a.size == at.needed.size
        ]
        for y in (*(n.array for n in at.values(at.needed.shape)), *whole):
            k = ratio(e.a.array - y, at.needed)
            if k is not None:
                yield e.a.array, y, k


def depends_on_entries(user: Any, g: Any, e: Elementwise) -> bool:
    """Whether user / g is a smooth function of z on either side of 0."""
    if np.shape(user) != np.shape(g):
        return False
    z, m = np.ravel(e.z.array), np.ravel(user)
    keep = np.abs(np.ravel(g)) > 1e-9
    z, m = z[keep], m[keep] / np.ravel(g)[keep]
    for side in (z >= 0, z < 0):
        if side.sum() < 8:
            continue
        degree = min(6, int(side.sum()) - 3)
        x = z[side] / max(np.max(np.abs(z[side])), 1e-9)
        powers = np.vander(x, degree + 1)
        fit = powers @ np.linalg.lstsq(powers, m[side], rcond=None)[0]
        off = float(np.max(np.abs(fit - m[side])))
        if off > 0.02 * max(float(np.max(np.abs(m[side]))), 1e-9):
            return False
    return len(z) >= 8


def over_examples(at: At) -> Iterator[tuple[Node, int]]:
    """The softmaxes over one of two axes, with the other axis."""
    for s in at.forward.softmaxes:
        if s.p.array.shape == at.needed.shape and s.p.array.ndim == 2:
            yield s.p, 1 - s.axis


def over_all(at: At) -> Iterator[Node]:
    """The quantities that are positive and add up to 1 over all entries."""
    for p in at.forward.moving:
        fits = p.array.shape == at.needed.shape and p.array.ndim == 2
        if fits and np.min(p.array) >= 0 and abs(float(p.array.sum()) - 1) < 1e-9:
            yield p


def p_minus_y(at: At, p: Node, classes: int) -> Suspect:
    """p - y in the place of the gradient of a softmax that is none of each example."""
    targets = -at.gradient(p) * p.array
    made = p.array * targets.sum(axis=classes, keepdims=True) - targets
    said = "p - y, which holds for a softmax of each example"
    return Suspect(made, said, line=p.where, weight=5)
