"""The user's forward pass with its true gradients: its softmaxes, activations and dropouts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from retrograd.diagnosis.backward import Backward, depends_on
from retrograd.diagnosis.nodes import Node, nodes_of
from retrograd.diagnosis.tape import Tape
from retrograd.program import Value

ABOVE = "gradient from above"  # the name of the input with which a layer's result is weighed
_SAME = ("as_float", "astype", "copy", "array", "positive")


@dataclass(frozen=True, eq=False)
class Softmax:
    """A softmax in the user's forward pass: p = softmax(z) along an axis."""

    z: Node
    p: Node
    axis: int
    flat: bool = False  # z is one number after the other, p is in rows


@dataclass(frozen=True, eq=False)
class Elementwise:
    """A function of each entry: a = f(z), with its derivative at z."""

    z: Node
    a: Node
    derivative: Any


class Forward:
    """The user's forward pass with its true gradients, and what stands in it.

    Args:
        tape: the forward pass.
        backward: its gradients.
        parameters: the inputs that gradients are asked of, by name.
    """

    def __init__(self, tape: Tape, backward: Backward, parameters: dict[str, Value]) -> None:
        self.tape, self.backward, self.parameters = tape, backward, parameters
        self.catalogue: Any = None  # made by `catalogue`
        self.nodes = nodes_of(tape, tape.ancestors(list(backward.seeds)))
        self._gradients: dict[Node, Any] = {}
        self.nodes += self._parts()
        self.active = depends_on(tape, set(parameters.values()))  # what the parameters reach

    def _parts(self) -> list[Node]:
        """The parameters, once for each time that a loop uses them."""
        found = []
        for name, value in self.parameters.items():
            sites: dict[object, list[Any]] = {}
            for step in self.tape.users.get(value, ()):
                g = self.backward.gradients.get(step.output)
                if g is None or step.where is None:
                    continue
                sent = self.backward.sent(step, g)
                for k, operand in enumerate(step.inputs):
                    if operand is value and sent[k] is not None:
                        sites.setdefault((step.where, k), []).append(sent[k])
            for parts in sites.values():
                if len(parts) > 1:
                    array = np.stack([np.asarray(self.tape.arrays[value])] * len(parts))
                    node = Node((value,) * len(parts), array, None, name, -1)
                    self._gradients[node] = np.stack(parts)
                    found.append(node)
        return found

    def gradient(self, node: Node) -> Any:
        """The true gradient of a node; None where the loss does not depend on it."""
        if node not in self._gradients:
            self._gradients[node] = self.stacked(node, self.backward.gradients)
        return self._gradients[node]

    @staticmethod
    def stacked(node: Node, gradients: Any) -> Any:
        """What stands under a node's values, as one array; None where there is nothing."""
        parts = [gradients.get(v) for v in node.values]
        if any(p is None for p in parts):
            return None
        if len(parts) == 1:
            return np.broadcast_to(np.asarray(parts[0], dtype=float), node.array.shape)
        shape = node.array.shape[1:]
        return np.stack([np.broadcast_to(np.asarray(p, dtype=float), shape) for p in parts])

    @cached_property
    def inner(self) -> tuple[int, ...]:
        """How often an inner loop may run: the sizes that there are."""
        sizes = [n for v in self.tape.inputs for n in v.shape]
        return tuple(dict.fromkeys(n for n in sizes if n > 1))

    @cached_property
    def moving(self) -> list[Node]:
        """The nodes that have a gradient."""
        return [
            n
            for n in self.nodes
            if n.array.dtype.kind == "f"
            and any(v in self.active for v in n.values)
            and self.gradient(n) is not None
        ]

    @cached_property
    def softmaxes(self) -> list[Softmax]:
        """Every softmax, in whatever way it is written."""
        found = []
        for p in self.moving:
            axes = _sums_to_one(p.array)
            for z in self.moving if axes else ():
                if z.array.shape != p.array.shape or z.place >= p.place:
                    continue
                found += [Softmax(z, p, a) for a in axes if _is_softmax(z.array, p.array, a)]
        found += self._scalars()
        known = [self.gradient(s.z) for s in found]
        for z in self.moving:
            g = self.gradient(z)
            if not any(k.shape == g.shape and np.allclose(k, g, rtol=1e-9, atol=0) for k in known):
                found += self._implied(z, g)
        return found

    def _scalars(self) -> list[Softmax]:
        """The softmaxes of loops that make one number at a time: their numbers as rows."""
        found = []
        loops = [n for n in self.moving if len(n.values) > 3 and n.array.ndim == 1]
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
                        found.append(Softmax(z, self._reshaped(p, rows.shape), 1, True))
        return found

    def _reshaped(self, node: Node, shape: tuple[int, ...]) -> Node:
        made = Node(node.values, node.array.reshape(shape), node.step, node.name, node.place)
        self._gradients[made] = np.reshape(self.gradient(node), shape)
        return made

    def _implied(self, z: Node, g: Any) -> list[Softmax]:
        """A softmax that the loss does not compute: it takes log(sum(exp(z))) - z[y] or the like.

        Such a loss does not change if a number is added to all logits of an example, so that their
        gradients add up to 0.
        """
        found = []
        largest = float(np.max(np.abs(g), initial=0))
        for axis in range(max(0, g.ndim - 2), g.ndim):
            if g.shape[axis] < 2 or not largest or not np.isfinite(z.array).all():
                continue
            if np.max(np.abs(g.sum(axis=axis))) > 1e-9 * largest:
                continue
            e = np.exp(z.array - z.array.max(axis=axis, keepdims=True))
            p = e / e.sum(axis=axis, keepdims=True)
            share = np.max(g / p, axis=axis, keepdims=True)
            targets = p * share - g
            if np.max(np.sum(targets > 1e-9 * largest, axis=axis)) > 1:
                continue  # no single label
            node = Node(z.values, p, z.step, "", z.place)
            self._gradients[node] = -targets / p
            found.append(Softmax(z, node, axis))
        return found

    @cached_property
    def elementwise(self) -> list[Elementwise]:
        """Every function of single entries between two nodes, with its derivative."""
        reach = {n: self._reached(n) for n in self.moving}
        made = {v: node for node in self.moving for v in node.values if len(node.values) == 1}
        many = {node.values: node for node in self.moving if len(node.values) > 1}
        found = []
        for z in self.moving:
            if len(z.values) == 1:
                pairs = [(made[v], v) for v in reach[z][0] if v in made]
                for a, v in pairs:
                    found.append(Elementwise(z, a, self._slope(z.values[0], v)))
                continue
            for values, a in many.items():
                reached = zip(values, reach[z], strict=False)
                if len(values) == len(z.values) and all(v in r for v, r in reached):
                    slopes = [self._slope(v, w) for v, w in zip(z.values, values, strict=True)]
                    found.append(Elementwise(z, a, np.stack(slopes)))
        return found

    @cached_property
    def summed(self) -> set[Value]:
        """The numbers that are added up to the loss, and the loss itself."""
        found = set(self.backward.seeds)
        for step in reversed(self.tape.steps):
            if step.output not in found:
                continue
            scalars = [v for v in step.values() if not v.shape and v in self.active]
            plain = step.op.name in ("add", "subtract") or len(step.inputs) == 1
            if plain or (step.op.name in ("multiply", "divide") and len(scalars) == 1):
                found.update(scalars)
        return found

    @cached_property
    def dropouts(self) -> list[Elementwise]:
        """The products with a mask of zeros and one other number."""
        found = []
        for e in self.elementwise:
            made = e.z.step.op.name if e.z.step is not None else ""
            if made in ("log", "log_softmax", "log1p") or not self._only_multiplied(e):
                continue  # a logarithm is multiplied by labels
            d = e.derivative
            kept = d[d != 0]
            if not self.is_layer and self._is_loss(e.a):
                continue  # a mask on the errors
            if kept.size and kept.size < d.size and np.ptp(kept) < 1e-12:
                found.append(e)
        return found

    @cached_property
    def weights(self) -> set[Value]:
        """The parameters, and views of them and of their parts."""
        found = set(self.parameters.values())
        for step in self.tape.steps:
            if step.op.view or step.op.name in ("index", "tolist", "as_float"):
                found.update([step.output] if step.inputs[0] in found else [])
        return found

    @cached_property
    def is_layer(self) -> bool:
        """Whether it is one layer, whose result is weighed with a gradient from above."""
        names = [i.leaf.path[0][1] for i in self.tape.program.inputs if i.leaf and i.leaf.path]
        return ABOVE in names

    def _is_loss(self, node: Node) -> bool:
        """Whether nothing is weighed after a quantity: it is an error, not a unit."""
        after = depends_on(self.tape, set(node.values))
        made = [s for s in self.tape.steps if any(v in after for v in s.values())]
        return not any(s.op.name in ("matmul", "dot", "einsum", "tensordot") for s in made)

    def _only_multiplied(self, e: Elementwise) -> bool:
        """Whether a is z times something that is no function of the weights."""
        value, made = e.a.values[0], self.tape.place
        while value not in e.z.values:
            step = self.tape.steps[made[value]] if value in made else None
            if step is None or step.op.name not in ("multiply", "divide", "where"):
                return False
            moving = [v for v in step.values() if v in self.active]
            if len(moving) != 1:
                return False
            value = moving[0]
        return True

    def _reached(self, node: Node) -> list[list[Value]]:
        """For each of a node's values, those that are functions of its single entries."""
        return [self._entries_of(v) for v in node.values]

    def _entries_of(self, value: Value) -> list[Value]:
        reached = {value}
        found: list[Value] = []
        gradients = self.backward.gradients
        for step in self.tape.steps[self.tape.place.get(value, -1) + 1 :]:
            if not any(v in reached for v in step.values()):
                continue
            others = [
                v
                for v in step.values()
                if v not in reached and v in self.active and v.dtype.kind == "f"
            ]
            same = step.output.shape == value.shape
            entries = step.op.elementwise or step.op.name in _SAME
            masked = step.op.updates and any(
                np.asarray(self.tape.array(i)).dtype == bool for i in step.inputs[2:]
            )
            if (entries and same and not others) or (
                masked and same and self._is_diagonal(value, step.output)
            ):
                reached.add(step.output)
                found.append(step.output)
        return [v for v in found if v in gradients and v.dtype.kind == "f"]

    def _is_diagonal(self, z: Value, a: Value) -> bool:
        """Whether each entry of a depends on the same entry of z alone."""
        slope = self._slope(z, a)
        g = np.random.default_rng(len(z.shape)).normal(size=a.shape)
        found = Backward(self.tape, {a: g}).gradients.get(z)
        return found is not None and np.allclose(found, g * slope, rtol=1e-9, atol=1e-12)

    def _slope(self, z: Value, a: Value) -> Any:
        local = Backward(self.tape, {a: np.ones(a.shape)})
        slope = local.gradients.get(z)
        return np.zeros(z.shape) if slope is None else np.broadcast_to(slope, z.shape)


def _sums_to_one(p: Any) -> list[int]:
    if p.ndim == 0 or p.size < 2 or not np.isfinite(p).all() or (p < 0).any():
        return []
    axes = [p.ndim - 1] if p.ndim == 1 else [p.ndim - 1, p.ndim - 2]
    return [a for a in axes if p.shape[a] > 1 and np.allclose(p.sum(axis=a), 1, rtol=1e-9)]


def _is_softmax(z: Any, p: Any, axis: int) -> bool:
    with np.errstate(all="ignore"):
        e = np.exp(z - z.max(axis=axis, keepdims=True))
        return bool(np.allclose(e / e.sum(axis=axis, keepdims=True), p, rtol=1e-7, atol=1e-12))
