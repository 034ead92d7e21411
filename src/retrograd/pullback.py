"""vjp: from the gradient of a function's result to the gradients of its arguments."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from retrograd.differentiate import differentiate
from retrograd.gradient import Forward, finished, recognized
from retrograd.ops import current_recorder
from retrograd.program import Constant, Program, Tree, tree_of
from retrograd.recorded import Entry, Recorded, copied, free_name, key_of, signature_of
from retrograd.rewrite import without_stops
from retrograd.selection import seeds_of
from retrograd.trace import Recording
from retrograd.write import Written, write


class Pullback:
    """From the gradient of a function's result to the gradients of its arguments.

    Args:
        function: NumPy code.
        args: the arguments at which it was called.
        rewrite: as in `grad`.
    """

    def __init__(self, function: Callable[..., Any], args: tuple[Any, ...], rewrite: bool) -> None:
        signature = signature_of(function)
        bound = signature.bind(*args)
        self._args, self._fixed = bound.args, bound.kwargs
        bound.apply_defaults()
        self._all = bound.args, bound.kwargs  # as the text takes them
        self._count = len(args)
        self._rewrite = rewrite
        self._g = free_name("g", signature)
        self._recorded = Recorded(function, self._build, extra=self._g)
        self._entry: Entry | None = None
        self._key: Hashable = None
        self._kept: dict[str, Any] = {}
        self.__wrapped__ = function

    def __call__(self, g: Any) -> tuple[Any, ...]:
        """The gradients, one for each argument; None for an argument that is no array of floats.

        Args:
            g: the gradient of the result, of its shape (and structure).

        Raises:
            ShapeError: RG104, g does not have the shape of the result.
        """
        entry, kept = self._entry, self._kept
        if entry is not None and current_recorder() is None and key_of(g) == self._key:
            args, fixed = self._all
            found = entry.run(*args, **fixed, **kept, **{self._g: g})
        else:
            found = self._recorded.call(self._args, {**self._fixed, self._g: g})
        return tuple(found[: self._count])

    def keep(self, out: Any) -> Pullback:
        """Record now, for gradients like the result, and keep the captured arrays as they are."""
        if current_recorder() is None:
            self._entry = self._recorded.entry(self._args, {**self._fixed, self._g: out})
            self._key = key_of(out)
            self._kept = {name: copied(read()) for name, read in self._entry.reads}
        return self

    def source(self, g: Any) -> str:
        """The text that a call runs: the forward pass, then the backward pass from g."""
        return self._recorded.entry(self._args, {**self._fixed, self._g: g}).written.source

    def _build(self, recording: Recording) -> tuple[Program, Written]:
        program = recognized(recording.program, rewrite=self._rewrite)
        seeds = seeds_of(program)
        values = [
            i.value for i in program.inputs if i.leaf is not None and i.leaf.parameter != self._g
        ]
        floats = [v for v in values if v.dtype.kind == "f"]
        done = differentiate(program, seeds, floats)
        longer, gradients = done.program, done.gradients
        gradient_of = dict(zip(floats, gradients, strict=True))
        trees = tuple(
            tree.map(lambda pair: gradient_of.get(pair[1], Constant(None)))
            for _, tree in program.positional()[:-1]
        )
        result = Tree("tuple", tuple, tuple(range(len(trees))), trees)
        longer = finished(longer, result, gradients)
        name = f"vjp_of_{program.name}"
        summary = f"Gradients of {program.name} for {self._g}, the gradient of its result."
        return longer, write(without_stops(longer), function=name, summary=summary)


def vjp(f: Callable[..., Any], *args: Any, rewrite: bool = True) -> tuple[Any, Pullback]:
    """A function's result and its pullback: from the result's gradient to the arguments' gradients.

    Args:
        f: NumPy code; may return arrays of any shape, in tuples, lists or dicts.
        args: its arguments.
        rewrite: as in `grad`.

    Returns:
        f(*args), and a function of g that returns a tuple with one gradient for each argument: the
        product J.T @ g with the Jacobian J, which is never built.

    >>> import numpy as np
    >>> out, pullback = vjp(lambda a, b: a * b, np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    >>> pullback(np.array([1.0, 10.0]))
    (array([ 3., 40.]), array([ 1., 20.]))
    """
    kept = tuple(tree_of(a).build(lambda leaf: copied(leaf[1])) for a in args)
    out = Forward(f)(*args)
    return out, Pullback(f, kept, rewrite).keep(out)
