"""The user's forward pass with its true gradients: its softmaxes, activations and dropouts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from heapq import heapify, heappop, heappush
from typing import Any

import numpy as np

from retrograd.diagnosis.backward import Backward, depends_on
from retrograd.diagnosis.catalogue import Catalogue
from retrograd.diagnosis.nodes import Node, nodes_of
from retrograd.diagnosis.sizes import Sizes
from retrograd.diagnosis.softmaxes import Softmax, find_softmaxes
from retrograd.diagnosis.tape import Tape
from retrograd.program import Step, Value

_BENT = ("exp", "expm1", "tanh", "sigmoid", "sin", "cos", "arctan", "erf", "abs", "absolute")
ABOVE = "gradient from above"  # the name of the input with which a layer's result is weighed
_SAME = ("as_float", "astype", "copy", "array", "positive")


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
        self.tape = tape = tape.only(list(backward.seeds))
        self.backward, self.parameters = backward, parameters
        self.nodes = nodes_of(tape, tape.ancestors(list(backward.seeds)))
        self._gradients: dict[Node, Any] = {}
        self.nodes += self._parts()
        self.active = depends_on(tape, set(parameters.values()))  # what the parameters reach

    def _parts(self) -> list[Node]:
        """The parameters, and parts of them, once for each time that a loop uses them."""
        sites: dict[tuple[Any, ...], list[tuple[Value, Any]]] = {}
        owner = {value: name for name, value in self.parameters.items()}
        for step in self.tape.steps:
            taken = [v for v in step.values() if v in owner]
            if taken and _is_part(step):
                owner[step.output] = owner[taken[0]]
            g = self.backward.gradients.get(step.output)
            if not taken or g is None or step.where is None:
                continue
            sent = self.backward.sent(step, g)
            for k, v in enumerate(step.inputs):
                if isinstance(v, Value) and v in owner and sent[k] is not None:
                    calls = self.tape.calls.get(step.output, ())[1:]
                    key = owner[v], step.where, calls, step.op.name, k, v.shape
                    sites.setdefault(key, []).append((v, sent[k]))
        found = []
        for (name, *_), parts in sites.items():
            if len(parts) > 1:
                values = tuple(v for v, _ in parts)
                array = np.stack([np.asarray(self.tape.arrays[v]) for v in values])
                gradient = np.stack([np.broadcast_to(g, values[0].shape) for _, g in parts])
                found.append(self.add(Node(values, array, None, name, -1), gradient))
        return found

    def gradient(self, node: Node) -> Any:
        """The true gradient of a node; None where the loss does not depend on it."""
        if node not in self._gradients:
            self._gradients[node] = self.stacked(node, self.backward.gradients)
        return self._gradients[node]

    def add(self, node: Node, gradient: Any) -> Node:
        """A quantity that the tape holds in another form, with its gradient."""
        self._gradients[node] = gradient
        return node

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
        return find_softmaxes(self)

    @cached_property
    def catalogue(self) -> Catalogue:
        """Its quantities, to compare an array with."""
        return Catalogue(self)

    @cached_property
    def sizes(self) -> Sizes:
        """The sizes of the network."""
        return Sizes.of(self)

    def computes(self, array: Any) -> bool:
        """Whether an array is one that the forward pass makes, as it is."""
        return any(
            n.array.shape == array.shape and np.allclose(n.array, array, rtol=1e-9, atol=0)
            for n in self.nodes
        )

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
                if len(values) != len(z.values) or values == z.values:
                    continue
                triples = zip(values, z.values, reach[z], strict=True)
                if all(v is own or v in r for v, own, r in triples):  # an if may hand it on
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
            plain = step.op.name in ("add", "subtract") or (
                len(step.inputs) == 1 and not (step.op.elementwise and step.op.name in _BENT)
            )
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
            dropped = not np.any(e.a.array[d == 0])  # of a masked softmax they are -inf
            if dropped and kept.size and kept.size < d.size and np.ptp(kept) < 1e-12:
                found.append(e)
        return found

    @cached_property
    def weights(self) -> set[Value]:
        """The parameters, and views of them and of their parts."""
        found = set(self.parameters.values())
        for step in self.tape.steps:
            if _is_part(step):
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
        reached, found = {value}, list[Value]()
        gradients, place, users = self.backward.gradients, self.tape.place, self.tape.users
        todo = [place[s.output] for s in users.get(value, ())]
        heapify(todo)
        last = -1
        while todo:
            n = heappop(todo)
            if n == last:
                continue
            last, step = n, self.tape.steps[n]
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
                for user in users.get(step.output, ()):
                    heappush(todo, place[user.output])
        return [v for v in found if v in gradients and v.dtype.kind == "f"]

    def _is_diagonal(self, z: Value, a: Value) -> bool:
        """Whether each entry of a depends on the same entry of z alone."""
        slope = self._slope(z, a)
        g = np.random.default_rng(len(z.shape)).normal(size=a.shape)
        steps = self.tape.steps[self.tape.place.get(z, -1) + 1 : self.tape.place[a] + 1]
        found = Backward(self.tape, {a: g}, steps).gradients.get(z)
        return found is not None and np.allclose(found, g * slope, rtol=1e-9, atol=1e-12)

    def _slope(self, z: Value, a: Value) -> Any:
        if z is a:
            return np.ones(z.shape)
        steps = self.tape.steps[self.tape.place.get(z, -1) + 1 : self.tape.place[a] + 1]
        local = Backward(self.tape, {a: np.ones(a.shape)}, steps)
        slope = local.gradients.get(z)
        return np.zeros(z.shape) if slope is None else np.broadcast_to(slope, z.shape)


def _is_part(step: Step) -> bool:
    """Whether a step hands on what it takes, or a part of it."""
    return step.op.view or step.op.name in ("index", "tolist", "as_float")
