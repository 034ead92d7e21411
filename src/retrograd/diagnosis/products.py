"""Matrix products and bias additions, seen from one of their operands.

One product for many examples and many products in a loop over examples are the same thing here:
what a loop takes is stacked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from retrograd.program import Step, Value

if TYPE_CHECKING:
    from retrograd.diagnosis.forward import Forward
from retrograd.diagnosis.nodes import Node

_MATRIX = ("matmul", "dot", "inner", "outer", "vecdot", "matvec", "vecmat")
_COPIES = ("add", "subtract", "broadcast_to")  # a bias to all examples
_FORMS = ("transpose", "matrix_transpose", "reshape", "expand_dims", "squeeze")


@dataclass(frozen=True, eq=False)
class Product:
    """A matrix product that a quantity goes into.

    Attributes:
        g: the gradient of the product, as a matrix.
        other: the other operand, as a matrix.
        other_value: what the other operand is on the tape; the first one of a loop.
        other_node: the node that it is.
        is_left: whether the quantity is the left operand: out = quantity @ other.
        out: the product's values.
        shape: the quantity's shape.
        rest: what comes back to the quantity on other ways.
        turn: brings an array of the other operand's own shape into the form of `other`.
    """

    g: Any
    other: Any
    other_node: Node | None
    is_left: bool
    out: tuple[Value, ...]
    shape: tuple[int, ...]
    turn: Callable[[Any], Any]
    rest: Any = 0.0

    def back(self, other: Any, g: Any = None) -> Any:
        """What goes back to the quantity, with these in place of the operand and the gradient."""
        g = self.g if g is None else g
        try:
            made = g @ other.T if self.is_left else other.T @ g
            return made.reshape(self.shape) + self.rest
        except ValueError:
            return np.full(self.shape, np.nan)

    def as_other(self, array: Any) -> Any:
        """An array of the other operand's shape in the form of `other`; None if it is none."""
        try:
            made = self.turn(np.asarray(array))
        except ValueError:
            return None
        return made if made.shape == self.other.shape else None


@dataclass(frozen=True, eq=False)
class BiasUse:
    """A quantity that is copied along axes as it is added.

    Attributes:
        g: the gradient of the sum, in its full shape.
        axes: the axes of g along which it was copied.
    """

    g: Any
    axes: tuple[int, ...]


def products(forward: Forward, node: Node) -> Iterator[Product]:
    """The matrix products that a node goes into."""
    by_site: dict[object, list[tuple[Step, int, bool]]] = {}
    for step, k, turned in uses(forward, node):
        if step.op.name in _MATRIX and len(step.inputs) == 2:
            where = step.where if step.where is not None else step
            by_site.setdefault((where, k, turned), []).append((step, k, turned))
    for (_, k, turned), found in by_site.items():  # type: ignore[misc]
        made = _product(forward, node, [s for s, _, _ in found], k, turned)
        if made is not None:
            needed = forward.gradient(node)
            rest = needed - made.back(made.other)
            small = np.max(np.abs(rest), initial=0) <= 1e-9 * np.max(np.abs(needed), initial=0)
            yield made if small else replace(made, rest=rest)


def uses(forward: Forward, node: Node) -> Iterator[tuple[Step, int, bool]]:
    """The steps that take a node, the operand that it is, and whether it is transposed there."""
    turned = dict.fromkeys(node.values, False)
    for step in forward.tape.steps:
        for k, operand in enumerate(step.inputs):
            if not isinstance(operand, Value) or operand not in turned:
                continue
            yield step, k, turned[operand]
            if step.op.name in _FORMS and step.output not in turned:
                turn = step.op.name in _FORMS[:2] and len(step.output.shape) > 1
                turned[step.output] = turned[operand] != turn


def _product(
    forward: Forward, node: Node, steps: list[Step], k: int, turned: bool
) -> Product | None:
    tape, gradients = forward.tape, forward.backward.gradients
    if any(s.output not in gradients or s.output not in tape.arrays for s in steps):
        return None
    gs = [np.broadcast_to(gradients[s.output], s.output.shape) for s in steps]
    others = [tape.array(s.inputs[1 - k]) for s in steps]
    if any(o is None for o in others):
        return None
    operand = steps[0].inputs[1 - k]
    other_node = next(
        (
            n
            for n in forward.nodes
            if isinstance(operand, Value)
            and operand in n.values
            and (len(n.values) == len(steps) or len(n.values) == 1)
        ),
        None,
    )
    out = tuple(s.output for s in steps)
    same_other = len({id(s.inputs[1 - k]) for s in steps}) == 1
    shape = forward.gradient(node).shape
    left = k == 0
    if len(steps) == 1:
        g, other = gs[0], np.asarray(others[0])
        own = tape.array(steps[0].inputs[k])
        rows = np.ndim(own) < 2
        if np.ndim(own) > 2 and other.ndim == 2 and left:
            g = g.reshape(-1, g.shape[-1])
            turn: Callable[[Any], Any] = lambda x: x  # noqa: E731
            return Product(g, other, other_node, True, out, shape, turn)
        if other.ndim > 2 or np.ndim(own) > 2:
            return None
        if left:
            turn = lambda x: x.reshape(-1, 1) if x.ndim < 2 else x  # noqa: E731
            g2 = g.reshape(1 if rows else -1, turn(other).shape[1])
        else:
            turn = lambda x: x.reshape(1, -1) if x.ndim < 2 else x  # noqa: E731
            g2 = g.reshape(turn(other).shape[0], 1 if rows else -1)
        if turned and not rows:  # the quantity itself stands transposed: out.T = other.T @ q
            inner = turn
            turn = lambda x: inner(x).T  # noqa: E731
            return Product(g2.T, turn(other), other_node, not left, out, shape, turn)
        return Product(g2, turn(other), other_node, left, out, shape, turn)
    r = len(steps)
    if same_other and len(node.values) == r:  # quantity: one row for each example
        flat = np.stack([x.reshape(-1) for x in gs])
        other = np.asarray(others[0])
        if other.ndim != 2:
            return None
        if left:
            return Product(flat, other, other_node, True, out, shape, lambda x: x)
        return Product(flat, other.T, other_node, True, out, shape, lambda x: x.T)
    if len(node.values) == 1 and not same_other:  # a parameter: one row of inputs for each example
        if any(np.size(o) != np.size(others[0]) for o in others):
            return None
        g2, x2 = (np.stack([np.ravel(a) for a in arrays]) for arrays in (gs, others))
        if g2.shape[1] * x2.shape[1] != np.prod(shape, dtype=int):
            return None
        if left != turned:
            return Product(g2.T, x2.T, other_node, True, out, shape, lambda x: x.reshape(r, -1).T)
        return Product(g2, x2, other_node, False, out, shape, lambda x: x.reshape(r, -1))
    return None


def biases(forward: Forward, node: Node) -> Iterator[BiasUse]:
    """The sums into which a node is copied."""
    gradients = forward.backward.gradients
    by_site: dict[object, list[Step]] = {}
    for step, _, _ in uses(forward, node):
        if step.op.name in _COPIES and step.output in gradients:
            where = step.where if step.where is not None else step
            by_site.setdefault(where, []).append(step)
    for steps in by_site.values():
        own = node.array.shape if len(node.values) == 1 else node.array.shape[1:]
        shapes = {s.output.shape for s in steps}
        if len(shapes) > 1:
            continue
        full = shapes.pop()
        lead = len(full) - len(own)
        axes = tuple(i for i, n in enumerate(full) if i < lead or (own[i - lead] == 1 and n != 1))
        gs = [np.broadcast_to(gradients[s.output], full) for s in steps]
        if len(steps) > 1 and len(node.values) == 1:
            yield BiasUse(np.stack(gs), (0, *(a + 1 for a in axes)))
        elif axes:
            yield BiasUse(gs[0], axes)
