"""The softmaxes of a forward pass: written out, made one number at a time, or only implied."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from retrograd.diagnosis.nodes import Node

if TYPE_CHECKING:
    from retrograd.diagnosis.forward import Forward


@dataclass(frozen=True, eq=False)
class Softmax:
    """A softmax in the user's forward pass: p = softmax(z) along an axis."""

    z: Node
    p: Node
    axis: int


def find_softmaxes(forward: Forward) -> list[Softmax]:
    """Every softmax of a forward pass, in whatever way it is written."""
    found = []
    for p in forward.moving:
        axes = _sums_to_one(p.array)
        for z in forward.moving if axes else ():
            if z.array.shape != p.array.shape or z.place >= p.place:
                continue
            found += [Softmax(z, p, a) for a in axes if _is_softmax(z.array, p.array, a)]
    found += _scalars(forward)
    known = [forward.gradient(s.z) for s in found]
    for z in forward.moving:
        g = forward.gradient(z)
        if not any(k.shape == g.shape and np.allclose(k, g, rtol=1e-9, atol=0) for k in known):
            found += _implied(forward, z, g)
    return found


def _scalars(forward: Forward) -> list[Softmax]:
    """The softmaxes of loops that make one number at a time: their numbers as rows."""
    found = []
    loops = [n for n in forward.moving if len(n.values) > 3 and n.array.ndim == 1]
    for p in loops:
        for n in range(2, len(p.values) // 2 + 1):
            if len(p.values) % n or (p.array < 0).any():
                continue
            rows = p.array.reshape(-1, n)
            if not np.allclose(rows.sum(axis=1), 1, rtol=1e-9):
                continue
            for z in loops:
                before = z.array.size == p.array.size and z.place < p.place
                if before and _is_softmax(z.array.reshape(-1, n), rows, 1):
                    found.append(Softmax(z, _reshaped(forward, p, rows.shape), 1))
    return found


def _reshaped(forward: Forward, node: Node, shape: tuple[int, ...]) -> Node:
    made = Node(node.values, node.array.reshape(shape), node.step, node.name, node.place)
    return forward.add(made, np.reshape(forward.gradient(node), shape))


def _implied(forward: Forward, z: Node, g: Any) -> list[Softmax]:
    """A softmax that the loss does not compute: it takes log(sum(exp(z))) - z[y] or the like.

    Such a loss does not change if a number is added to all logits of an example, so that their
    gradients add up to 0.
    """
    found = []
    for rows, axis in _layouts(z, g):
        p, targets = _labelled(z.array.reshape(rows), g.reshape(rows), axis)
        if p is not None:
            node = Node(z.values, p, z.step, "", z.place)
            found.append(Softmax(z, forward.add(node, -targets / p), axis))
            if rows != g.shape:
                break
    return found


def _layouts(z: Node, g: Any) -> Iterator[tuple[tuple[int, ...], int]]:
    """The shapes and axes along which the numbers of a node may be logits."""
    for axis in range(max(0, g.ndim - 2), g.ndim):
        yield g.shape, axis
    if g.ndim == 1 and len(z.values) == g.size > 3:  # a loop that makes one number at a time
        for n in range(2, g.size // 2 + 1):
            if g.size % n == 0:
                yield (g.size // n, n), 1


def _labelled(z: Any, g: Any, axis: int) -> tuple[Any, Any]:
    """The probabilities and the labels times a number with p - y as the gradient; else None."""
    largest = float(np.max(np.abs(g), initial=0))
    if g.shape[axis] < 2 or not largest or not np.isfinite(z).all():
        return None, None
    if np.max(np.abs(g.sum(axis=axis))) > 1e-9 * largest:
        return None, None
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    p = e / e.sum(axis=axis, keepdims=True)
    targets = p * np.max(g / p, axis=axis, keepdims=True) - g
    single = np.max(np.sum(targets > 1e-9 * largest, axis=axis)) <= 1
    return (p, targets) if single else (None, None)


def _sums_to_one(p: Any) -> list[int]:
    if p.ndim == 0 or p.size < 2 or not np.isfinite(p).all() or (p < 0).any():
        return []
    axes = [p.ndim - 1] if p.ndim == 1 else [p.ndim - 1, p.ndim - 2]
    return [a for a in axes if p.shape[a] > 1 and np.allclose(p.sum(axis=a), 1, rtol=1e-9)]


def _is_softmax(z: Any, p: Any, axis: int) -> bool:
    with np.errstate(all="ignore"):
        e = np.exp(z - z.max(axis=axis, keepdims=True))
        return bool(np.allclose(e / e.sum(axis=axis, keepdims=True), p, rtol=1e-7, atol=1e-12))
