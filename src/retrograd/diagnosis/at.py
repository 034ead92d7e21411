"""A place in the backward pass: the gradient that is needed there, and what stands around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from retrograd.diagnosis.backward import Backward, depends_on
from retrograd.diagnosis.forward import Elementwise, Forward
from retrograd.diagnosis.nodes import Node
from retrograd.diagnosis.numbers import ratio
from retrograd.diagnosis.products import BiasUse, Product, biases, products
from retrograd.diagnosis.softmaxes import Softmax
from retrograd.diagnosis.statistics import Statistics
from retrograd.program import Step, Value

_EXAMPLES = 512
_WEIGHING = ("matmul", "dot", "einsum", "tensordot", "multiply")


class At(Statistics):
    """A place in the backward pass.

    Args:
        forward: the forward pass.
        node: the quantity whose gradient is needed.
        user: what the user has in its place, over the factor that comes later; None: not known.
        factor: that factor.
        taken: the arrays that the user's line takes.
        executions: what the line makes each time that it runs.
        counts: the numbers that the user's code divides by; None: not known.
    """

    def __init__(
        self,
        forward: Forward,
        node: Node,
        user: Any = None,
        factor: float = 1.0,
        taken: Sequence[Any] = (),
        executions: Sequence[Any] = (),
        counts: frozenset[float] | None = None,
    ) -> None:
        self.forward, self.node, self.user, self.factor = forward, node, user, factor
        self.taken, self.executions, self.counts = taken, executions, counts
        self.needed = forward.gradient(node)
        self.sizes = forward.sizes

    @cached_property
    def same(self) -> list[Node]:
        """The nodes with this very gradient, such as z and x @ w for z = x @ w + b."""
        found = []
        for node in self.forward.moving:
            g = self.forward.gradient(node)
            if g.shape == self.needed.shape and np.allclose(g, self.needed, rtol=1e-9, atol=0):
                found.append(node)
        return found

    @cached_property
    def activations(self) -> list[Elementwise]:
        """The functions of single entries that this quantity goes through."""
        found = []
        for e in self.forward.elementwise:
            if e.z in self.same and e.a not in self.same:
                g = self.forward.gradient(e.a)
                if np.allclose(g * e.derivative, self.needed, rtol=1e-7, atol=1e-300):
                    found.append(e)  # the only way on from here
        return found

    @cached_property
    def whole_activations(self) -> list[Elementwise]:
        """The activations that are not a step inside of another one's formula."""
        tape = self.forward.tape
        found = []
        for e in self.activations:
            made = e.a.step
            users = [s for v in e.a.values for s in tape.users.get(v, ())]
            apart = made is None or any(
                not s.op.elementwise
                or s.where is None
                or made.where is None
                or (s.where.function, s.where.line) != (made.where.function, made.where.line)
                for s in users
            )
            if (apart or e.a.name) and np.ptp(e.derivative) > 0:
                found.append(e)
        return found

    @cached_property
    def softmaxes(self) -> list[Softmax]:
        """The softmaxes that this quantity goes through."""
        return [s for s in self.forward.softmaxes if s.z in self.same]

    @cached_property
    def products(self) -> list[Product]:
        """The matrix products that it goes into."""
        return list(products(self.forward, self.node))

    @cached_property
    def biases(self) -> list[BiasUse]:
        """The sums into which it is copied."""
        return list(biases(self.forward, self.node))

    @cached_property
    def masks(self) -> list[Any]:
        """The masks among what the user's line takes."""
        arrays = [np.asarray(m) for m in self.taken if np.size(m) > 1]
        return [m for m in arrays if m.dtype.kind in "iub" or np.all(m == 1)]

    def divides_by(self, count: float) -> bool:
        """Whether the user may have divided by a number, or by two factors of it."""
        counts = {1.0, *(self.counts or ())}
        return self.counts is None or any(a * b == count for a in counts for b in counts)

    def gradient(self, node: Node) -> Any:
        """The true gradient of another node."""
        return self.forward.gradient(node)

    @property
    def is_parameter(self) -> bool:
        """Whether the gradient of an input is needed."""
        own = set(self.forward.parameters.values())
        return len(self.node.values) == 1 and self.node.values[0] in own

    def values(self, shape: tuple[int, ...]) -> Iterator[Node]:
        """The forward values of a shape."""
        for node in self.forward.nodes:
            if node.array.shape == shape and node.array.dtype.kind == "f":
                yield node

    # the gradient on its way
    def errors(self, a: Node) -> Iterator[Any]:
        """What the user may have as the gradient of a: it, times a factor that comes later."""
        g, seen = self.gradient(a), set[float]()
        for scale in (1.0, self.factor, self.sizes.n, self.sizes.n / 2, -self.factor):
            if scale not in seen:
                seen.add(scale)
                yield g * scale

    def errors_of(self, product: Product) -> Iterator[Any]:
        """The gradients of what is computed from a product entry by entry."""
        for e in self.forward.elementwise:
            g = self.gradient(e.z)
            if g.size != product.g.size or np.ptp(e.derivative) == 0:
                continue
            flat = np.ravel(product.g), np.ravel(product.g.T)
            if any(np.allclose(np.ravel(g), f, rtol=1e-9, atol=0) for f in flat):
                yield self.gradient(e.a)

    def products_below(self) -> Iterator[tuple[Product, Any]]:
        """The products that it goes into, also behind an activation, whose slope comes along."""
        for product in self.products:
            if self._of_weights(product):
                yield product, 1.0
        for e in self.activations:
            for product in products(self.forward, e.a):
                yield product, e.derivative

    def _of_weights(self, product: Product) -> bool:
        """Whether a product is with weights, so that what goes back through it goes to a layer."""
        own, node = set(self.forward.parameters.values()), product.other_node
        if node is None or not self.is_parameter:
            return True
        return all(_only_parameters(self.forward.tape, v, own) for v in node.values)

    def swapped(self, product: Product) -> Iterator[Any]:
        """What goes back through a product if the error takes the place of its gradient."""
        for error in self.errors_of(product):
            for array in (error, np.squeeze(error).T):
                if array.size == product.g.size:
                    yield product.back(product.other, array.reshape(product.g.shape))

    def before(self, node: Node | None) -> Iterator[Node]:
        """The quantities that a node is computed from entry by entry."""
        if node is not None:
            yield from (e.z for e in self.forward.elementwise if e.a is node)

    @cached_property
    def _weighed(self) -> list[tuple[Step, list[bool]]]:
        """The products with weights, and which of their operands are made of weights alone."""
        tape, own = self.forward.tape, set(self.forward.parameters.values())
        found = []
        for step in tape.steps:
            if step.op.name not in _WEIGHING:
                continue
            plain = [
                v in self.forward.active and len(v.shape) <= 2 and _only_parameters(tape, v, own)
                for v in step.values()
            ]
            if any(plain):
                found.append((step, plain))
        return found

    def is_last(self, node: Node) -> bool:
        """Whether no weights come after a node, so that it is what the network returns."""
        after = depends_on(self.forward.tape, set(node.values))
        for step, plain in self._weighed:
            inside = [v in after for v in step.values()]
            if any(inside) and any(p and not i for p, i in zip(plain, inside, strict=True)):
                return False
        return True

    def one_example(self, n: int) -> Iterator[Any]:
        """The part of a parameter's gradient that comes from one example."""
        for parts in self.examples():
            if -len(parts) <= n < len(parts):
                yield parts[n]

    def examples(self) -> Iterator[Any]:
        """The parts of a parameter's gradient that come from each example, along a first axis."""
        for p in self.products:
            axis = 1 if p.is_left else 0  # the axis that the product back sums over
            count = p.g.shape[axis]
            if 1 < count <= _EXAMPLES:
                keep = np.eye(count)
                yield np.stack([p.back(p.other, p.g * (k if axis else k[:, None])) for k in keep])
        for b in self.biases:
            if len(b.axes) == 1 and b.g.shape[b.axes[0]] <= _EXAMPLES:
                yield np.moveaxis(b.g, b.axes[0], 0)

    def drops(self) -> Iterator[tuple[Any, Any, Any]]:
        """(g, slope, mask) for each dropout that this quantity goes into.

        g is the gradient of what was dropped out, slope that of an activation on the way to it,
        mask what its entries were multiplied by.
        """
        for drop in self.forward.dropouts:
            if drop.z in self.same:
                yield self.gradient(drop.a), 1.0, drop.derivative
            for e in self.activations:
                if e.a is drop.z:
                    yield self.gradient(drop.a), e.derivative, drop.derivative

    @property
    def is_penalty(self) -> bool:
        """Whether it is a weight, or a part of it, that only a squared penalty depends on."""
        part = all(v in self.forward.weights for v in self.node.values) and not self.is_parameter
        return part and ratio(self.node.array, self.needed) is not None

    def penalties(self) -> Iterator[Any]:
        """The part of a parameter's gradient that comes from a penalty, if there is one."""
        if not self.is_parameter:
            return
        tape = self.forward.tape
        data = {i.value for i in tape.program.inputs} - set(self.forward.parameters.values())
        data = {v for v in data if v.shape}
        with_data = depends_on(tape, data)
        summed = self.forward.summed

        def edit(step: Step, k: int, sent: Any) -> Any:
            operand = step.inputs[k]
            return sent if operand in summed or operand not in with_data else None

        part = self.forward.backward.run({}, edit).get(self.node.values[0])
        if part is not None and np.any(part) and not np.allclose(part, self.needed):
            yield np.broadcast_to(part, self.needed.shape)


def _only_parameters(tape: Any, value: Value, own: set[Value]) -> bool:
    inputs = {i.value for i in tape.program.inputs}
    return bool(tape.ancestors([value]) & inputs <= own)


def slope_at(at: At, e: Elementwise, q: Any) -> Any:
    """The slope of a function of single entries at another array."""
    tape = at.forward.tape.mended(e.z.split(q))
    seeds = {v: np.ones(v.shape) for v in e.a.values}
    found = Forward.stacked(e.z, Backward(tape, seeds).gradients)
    return np.zeros(np.shape(q)) if found is None else found


def shortcut(e: Elementwise, q: Any) -> Iterator[Any]:
    """The slope's formula in terms of the result, as for a * (1 - a), applied to an array."""
    a, d, z = e.a.array, e.derivative, e.z.array
    formulas: list[Callable[[Any], Any]] = [
        lambda x: x * (1 - x),  # sigmoid
        lambda x: 1 - x**2,  # tanh
        lambda x: (x > 0) * 1.0,  # relu
        lambda x: 1 - np.exp(-x),  # softplus
    ]
    left = z < 0
    if left.any():
        alpha = float(np.ravel(d[left])[0])
        formulas.append(lambda x: np.where(x > 0, 1.0, alpha))  # leaky relu
        alpha = float(np.ravel(d[left] - a[left])[0])
        formulas.append(lambda x: np.where(x > 0, 1.0, x + alpha))  # elu
    with np.errstate(all="ignore"):
        for formula in formulas:
            if np.allclose(formula(a), d, rtol=1e-7, atol=1e-10):
                yield formula(q)
