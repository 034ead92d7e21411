"""START HERE. The path of a function: trace, recognize, differentiate, simplify, write, run.

`Gradient` is what `grad` and `value_and_grad` return: call it for numbers, ask it for
`.source(...)` to read what it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from retrograd.compile import CompiledRun
from retrograd.differentiate import differentiate
from retrograd.errors import ArgumentError, CannotCompileError, NumericsError
from retrograd.nonfinite import first_nonfinite, is_finite
from retrograd.ops import current_recorder
from retrograd.pairing import mistakes, say
from retrograd.program import Program, Tree, Value
from retrograd.recorded import Entry, Recorded
from retrograd.rewrite import (
    arrange,
    collect,
    for_loops,
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
from retrograd.selection import Selection, scalar_output, select, split_aux
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
        debug_nans: whether a result that is not finite is an error, which names the line.
        backend: "numpy" runs the text, "compiled" the same program as loops and matrix products.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        wrt: Wrt,
        rewrite: bool,
        has_aux: bool,
        with_value: bool,
        debug_nans: bool = False,
        backend: str = "numpy",
    ) -> None:
        if backend not in ("numpy", "compiled"):
            raise ArgumentError("RG601", f'backend is "numpy" or "compiled", not {backend!r}')
        self._wrt = wrt
        self._rewrite = rewrite
        self._has_aux = has_aux
        self._with_value = with_value
        self._debug_nans = debug_nans
        self._doubts: set[tuple[object, ...]] = set()  # warnings that were given
        self._looked = False  # whether mistakes were looked for
        runner = _compiled if backend == "compiled" else None
        self._recorded = Recorded(function, self._build, wrt=wrt, runner=runner)
        self.__name__ = f"{'value_and_' if with_value else ''}grad_of_{_name(function)}"
        self.__wrapped__ = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The gradient (and the value) for these arguments."""
        if not self._debug_nans or current_recorder() is not None:
            return self._recorded.call(args, kwargs)
        with np.errstate(all="ignore"):
            found = self._recorded.call(args, kwargs)
        if not is_finite(found):
            error = self.nonfinite(*args, **kwargs)
            if error is not None:
                raise error
        return found

    def nonfinite(self, *args: Any, **kwargs: Any) -> NumericsError | None:
        """RG301 for the first line that is not finite for these arguments; None if all is."""
        entry = self._recorded.entry(args, kwargs)
        return first_nonfinite(entry.program, self._recorded.bound(args, kwargs)[2])

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
        if not self._looked or recording.every_call is None:
            self._looked = True
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


def _compiled(program: Program, text: Callable[..., Any]) -> Callable[..., Any]:
    """The program as compiled loops; as its text where a part of it is none."""
    try:
        run = CompiledRun(for_loops(program))
    except CannotCompileError:
        return text

    has_code = True

    def checked(*args: Any, **kwargs: Any) -> Any:
        nonlocal has_code
        if has_code:
            try:
                return run(*args, **kwargs)
            except CannotCompileError:
                has_code = False
            except (ValueError, IndexError):
                pass  # the text says what is wrong
        return text(*args, **kwargs)

    return checked


def grad(
    f: Callable[..., Any],
    wrt: Wrt = 0,
    *,
    rewrite: bool = True,
    has_aux: bool = False,
    debug_nans: bool = False,
    backend: str = "numpy",
) -> Gradient:
    """The gradient of a function that returns a scalar.

    Args:
        f: NumPy code; returns a scalar of a float dtype, shape ().
        wrt: an argument's position or name, or a captured array's name: gives one gradient. A list
            of them gives a tuple in that order.
        rewrite: False keeps log and softmax apart: the same numbers wherever both are finite.
        has_aux: f returns (loss, anything); the result is then (gradients, anything).
        debug_nans: a result that is inf or NaN stops with RG301 and the line where it begins;
            otherwise it goes through, as in NumPy.
        backend: "numpy" runs the text that `.source` shows; "compiled" runs the same program as
            loops and matrix products, where Numba is installed and every part of it is one of
            these, and the text otherwise.

    Returns:
        A function of the same arguments. A gradient has the shape and dtype of its argument, and
        its structure where that is a dict, list, tuple or dataclass of arrays.

    Raises:
        DifferentiationError: RG401 to RG407, when called: what cannot be recorded or
            differentiated.
        DtypeError: RG205, when called: an argument of whole numbers.
        NumericsError: RG301, with debug_nans.
        ShapeError: RG101 to RG110, when called: shapes that do not fit.

    >>> import numpy as np
    >>> grad(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
    array([2., 4.])
    """
    return Gradient(f, wrt, rewrite, has_aux, False, debug_nans, backend)


def value_and_grad(
    f: Callable[..., Any],
    wrt: Wrt = 0,
    *,
    rewrite: bool = True,
    has_aux: bool = False,
    debug_nans: bool = False,
    backend: str = "numpy",
) -> Gradient:
    """The value and the gradient of a function that returns a scalar.

    Arguments and errors as in `grad`; the result is (value, gradients), or
    ((value, anything), gradients) with has_aux=True.

    >>> import numpy as np
    >>> value_and_grad(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
    (np.float64(5.0), array([2., 4.]))
    """
    return Gradient(f, wrt, rewrite, has_aux, True, debug_nans, backend)


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
