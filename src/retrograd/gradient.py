"""START HERE. The path of a function: trace, recognize, differentiate, simplify, write, run.

`Gradient` is what `grad` and `value_and_grad` return: call it for numbers, ask it for
`.source(...)` to read what it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from typing import Any

from retrograd.differentiate import differentiate
from retrograd.ops import current_recorder
from retrograd.pairing import mistakes, say
from retrograd.program import Constant, Program, Tree, Value, tree_of
from retrograd.recorded import Entry, Recorded, copied, free_name, key_of, signature_of
from retrograd.rewrite import (
    arrange,
    collect,
    lower,
    merge,
    own,
    prune,
    recognize,
    simplify,
    updates,
    without_stops,
    without_unused_inputs,
)
from retrograd.selection import Selection, scalar_output, seeds_of, select, split_aux
from retrograd.trace import Recording
from retrograd.write import Written, write

Wrt = int | str | Sequence[int | str]


def recognized(program: Program, *, rewrite: bool = True) -> Program:
    """The recorded forward pass, equal steps merged, softmax and its like as single operations.

    Args:
        program: what `trace` recorded.
        rewrite: whether log(softmax) becomes one operation.
    """
    return merge(recognize(updates(merge(program)), fuse=rewrite))


# updates twice: once sums of gradients are written as +=, it shows which zeros nobody reads
_PASSES = (merge, prune, simplify, collect, updates, updates, lower, merge, prune, arrange)


def finished(program: Program, result: Tree, gradients: Sequence[Any] = ()) -> Program:
    """The program that returns `result`, with no step that is not needed.

    Each gradient becomes an array of its own: the caller may change it in place.
    """
    program = replace(program, result=result)
    for rewrite_pass in _PASSES:
        program = rewrite_pass(program)
    program = own(program, gradients)
    return without_unused_inputs(program)


class Forward:
    """A function run as its written text."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._recorded = Recorded(function, self._build)

    def __call__(self, *args: Any) -> Any:
        """The result."""
        return self._recorded.call(args, {})

    def program(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Program:
        """The program of the forward pass alone."""
        return self._recorded.entry(args, kwargs).program

    def _build(self, recording: Recording) -> tuple[Program, Written]:
        program = recognized(recording.program)
        program = finished(program, program.result, list(program.result.leaves()))
        return program, write(
            without_stops(program), function=program.name, summary=f"Value of {program.name}."
        )


class Gradient:
    """The gradient of a function, as a function of the same arguments.

    Args:
        function: NumPy code.
        wrt: which arguments (or captured arrays), by position or name; one, or a list.
        rewrite: whether a log of a softmax is differentiated as one operation.
        has_aux: whether the function returns (loss, anything).
        with_value: whether to return the value as well.
    """

    def __init__(
        self, function: Callable[..., Any], wrt: Wrt, rewrite: bool, has_aux: bool, with_value: bool
    ) -> None:
        self._wrt = wrt
        self._rewrite = rewrite
        self._has_aux = has_aux
        self._with_value = with_value
        self._doubts: set[tuple[object, ...]] = set()  # warnings that were given
        self._recorded = Recorded(function, self._build, wrt=wrt)
        self.__name__ = f"{'value_and_' if with_value else ''}grad_of_{_name(function)}"
        self.__wrapped__ = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The gradient (and the value) for these arguments."""
        return self._recorded.call(args, kwargs)

    def source(self, *args: Any, **kwargs: Any) -> str:
        """The text that a call with these arguments runs: Python that needs only NumPy.

        The last function that it defines takes the same arguments, captured arrays by keyword.
        """
        return self._recorded.entry(args, kwargs).written.source

    def program(self, *args: Any, **kwargs: Any) -> Program:
        """The program behind the text."""
        return self.entry(*args, **kwargs).program

    def entry(self, *args: Any, **kwargs: Any) -> Entry:
        """The recording for these arguments, made now: its program, its text, and what it reads."""
        return self._recorded.entry(args, kwargs)

    def arguments(self, *args: Any, **kwargs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments as the text takes them, with defaults filled in."""
        return self._recorded.bound(args, kwargs)[:2]

    def _build(self, recording: Recording) -> tuple[Program, Written]:
        program = recognized(recording.program, rewrite=self._rewrite)
        output, aux = split_aux(program) if self._has_aux else (program.result, None)
        selection = select(program, self._wrt)
        loss = scalar_output(program, output)
        say(mistakes(program, recording.data, selection.values), self._doubts)
        seeds = [(loss, None)] if isinstance(loss, Value) else []
        done = differentiate(_named_output(program, loss), seeds, selection.values)
        program, gradients = done.program, done.gradients
        result = selection.tree(gradients)
        if self._with_value or aux is not None:
            first = output if self._with_value else result
            with_aux = first if aux is None else _pair(first, aux)
            result = _pair(with_aux, result) if self._with_value else with_aux
        program = finished(program, result, gradients)
        return program, write(
            without_stops(program),
            function=self.__name__,
            summary=_summary(program, selection, self._with_value),
            wrt=selection.values,
        )


def grad(
    f: Callable[..., Any], wrt: Wrt = 0, *, rewrite: bool = True, has_aux: bool = False
) -> Gradient:
    """The gradient of a function that returns a scalar.

    Args:
        f: NumPy code; returns a scalar of a float dtype, shape ().
        wrt: an argument's position or name, or a captured array's name: gives one gradient. A list
            of them gives a tuple in that order.
        rewrite: False keeps log and softmax apart: the same numbers wherever both are finite.
        has_aux: f returns (loss, anything); the result is then (gradients, anything).

    Returns:
        A function of the same arguments. A gradient has the shape and dtype of its argument, and
        its structure where that is a dict, list, tuple or dataclass of arrays.

    Raises:
        DifferentiationError: RG401 to RG407, when called: what cannot be recorded or
            differentiated.
        DtypeError: RG205, when called: an argument of whole numbers.
        ShapeError: RG101 to RG110, when called: shapes that do not fit.

    >>> import numpy as np
    >>> grad(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
    array([2., 4.])
    """
    return Gradient(f, wrt, rewrite, has_aux, with_value=False)


def value_and_grad(
    f: Callable[..., Any], wrt: Wrt = 0, *, rewrite: bool = True, has_aux: bool = False
) -> Gradient:
    """The value and the gradient of a function that returns a scalar.

    Arguments and errors as in `grad`; the result is (value, gradients), or
    ((value, anything), gradients) with has_aux=True.

    >>> import numpy as np
    >>> value_and_grad(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
    (np.float64(5.0), array([2., 4.]))
    """
    return Gradient(f, wrt, rewrite, has_aux, with_value=True)


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


def _name(function: Callable[..., Any]) -> str:
    name = str(getattr(function, "__name__", "f"))
    return name if name.isidentifier() else "f"


def _pair(first: Tree, second: Tree) -> Tree:
    return Tree("tuple", tuple, (0, 1), (first, second))


def _named_output(program: Program, loss: Any) -> Program:
    """The result gets the function's name, if it has none of its own."""
    made = {step.output for step in program.steps}
    if loss not in made or loss in program.names:
        return program
    name = program.name if program.name not in ("f", "<lambda>") else "value"
    return replace(program, names={**program.names, loss: name})


def _summary(program: Program, selection: Selection, with_value: bool) -> str:
    start = "Value and gradient" if with_value else "Gradient"
    text = f"{start} of {program.name} with respect to {', '.join(selection.names)}."
    return text if len(text) < 90 else f"{start} of {program.name} with respect to its parameters."
