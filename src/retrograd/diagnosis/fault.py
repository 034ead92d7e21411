"""One wrong line of a hand-written backward pass, and which of two explains more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from retrograd.diagnosis.forward import Forward
from retrograd.diagnosis.nodes import Layout, Node
from retrograd.diagnosis.numbers import ratio
from retrograd.diagnosis.tape import Tape
from retrograd.program import Value

_MOVES = ("stack", "array", "as_float", "tolist", "concatenate", "negative")


@dataclass(frozen=True, eq=False)
class Fault:
    """One wrong line.

    Attributes:
        site: what the line makes.
        node: the quantity of the forward pass whose gradient it should be.
        layout: how the entries of the two belong together.
        factor: times the gradient, where the rest of the code multiplies by something later.
        needed: what it should make, in the shape of the node.
        user: what it makes, in the shape of the node.
        repairs: the inputs whose gradients are right with it mended.
        matches: whether what it makes is right, but for another quantity.
        final: whether it is a gradient that is returned, so that mending it says nothing.
        partial: whether it is off by a number, and mending it repairs some of what it goes into.
        aside: lines before it whose results are right for other quantities.
        ties: the same line for other quantities, and lines further on that are off by a number.
    """

    site: Node
    node: Node
    layout: Layout
    factor: float
    needed: Any
    user: Any
    repairs: tuple[str, ...]
    matches: bool
    final: bool = False
    partial: bool = False
    ties: tuple[Fault, ...] = ()
    aside: tuple[Fault, ...] = ()

    @property
    def scaled(self) -> bool:
        """Whether what it makes is right but for a number."""
        return ratio(self.needed, self.user) is not None

    @property
    def hands_on(self) -> bool:
        """Whether the line only puts what others made into an array."""
        step = self.site.step
        return step is not None and (step.op.view or step.op.name in _MOVES)

    def on(self, tape: Tape) -> Fault:
        """The same line on another tape."""
        array = Forward.stacked(self.site, tape.arrays)
        return replace(self, user=self.layout.put(array, self.needed.shape))

    def change(self) -> dict[Value, Any]:
        """What mends it."""
        return self.site.split(self.layout.put(self.needed, self.site.array.shape))


def better(a: Fault, b: Fault) -> bool:
    """Whether one fault explains more than an earlier one.

    A line whose result is right for another quantity is to blame only where nothing else is; then
    the last one, which is where its result was taken for what it is not.
    """
    if len(a.repairs) != len(b.repairs):
        return len(a.repairs) > len(b.repairs)
    if a.partial != b.partial:
        return b.partial
    if a.final != b.final:
        return b.final
    if a.matches != b.matches:
        return b.matches
    return a.matches and a.site is not b.site and not a.hands_on
