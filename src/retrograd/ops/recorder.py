"""The recorder: turns NumPy calls on symbols into the steps of a program.

It is used twice: on the user's function (by trace) and on the ops' own rules (by differentiate).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from retrograd.errors import DifferentiationError, RetrogradError
from retrograd.ops import messages
from retrograd.ops.calls import bind, unruled
from retrograd.ops.operands import operand_of
from retrograd.ops.symbol import Symbol
from retrograd.ops.table import TABLE, Op, Sized
from retrograd.program import (
    Dim,
    Expression,
    Note,
    Operand,
    Position,
    Program,
    Size,
    SizeBook,
    SizeOperand,
    Step,
    Value,
    current_book,
    opened,
    plain,
)


@dataclass(frozen=True)
class Place:
    """Where the user's code stands: its position, and the name that the result is about to get."""

    position: Position
    name: str | None = None


class Recorder:
    """One recording.

    Args:
        locate: says where the user's code stands when an operation is recorded.
        capture: makes an input of an array that the function did not get as an argument.
    """

    def __init__(
        self,
        locate: Callable[[], Place | None] = lambda: None,
        capture: Callable[..., Symbol] | None = None,
    ) -> None:
        self.locate = locate
        self.capture = capture
        self.steps: list[Step] = []
        self.names: dict[Value, str] = {}
        self.gradient_of: dict[Value, Value] = {}
        self.producers: dict[Value, Step] = {}
        self.data: dict[Value, Any] = {}
        self.fixed: set[Value] = set()  # values that depend on no input
        self.sizes = SizeBook(self, self.ufunc)
        self.open = False
        self.failure: RetrogradError | None = None
        self.depend: Callable[[Any], None] = lambda recording: None  # an inner recording was used
        self.forward: Step | None = None  # the step whose rule is being recorded, and why
        self.note: Note | None = None
        self._next = 0

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Record what happens inside; symbols cannot be used after it."""
        self.open = True
        try:
            with opened(self.sizes):
                yield
        finally:
            self.open = False

    # values
    def value(self, data: Any, sizes: Sequence[Expression] | None = None) -> Value:
        """A new value for `data`; an input's sizes are its own."""
        array = data if isinstance(data, np.ndarray) else np.asarray(data)
        number = self._next
        self._next += 1
        own = self.sizes.dims_of(number, array.shape) if sizes is None else tuple(sizes)
        made = Value(number, array.shape, array.dtype, own, weak=type(data) is float)
        self.data[made] = data
        return made

    def input(self, data: Any, name: str | None = None) -> Symbol:
        """A symbol for an array that the program is given."""
        value = self.value(data)
        if name:
            self.names[value] = name
        return Symbol(self, value)

    @staticmethod
    def continuing(program: Program) -> Recorder:
        """A recorder whose steps so far are those of `program`, with zeros for its arrays.

        Rules never look at values, so any numbers do; zeros cost no memory.
        """
        recorder = Recorder()
        recorder.names.update(program.names)
        recorder.gradient_of.update(program.gradient_of)
        for item in program.inputs:
            recorder.adopt(item.value)
            for axis, n in enumerate(item.value.shape):
                recorder.sizes.values[Dim(item.value.number, axis)] = n
        for step in program.steps:
            recorder.adopt(step.output)
            recorder.steps.append(step)
            recorder.producers[step.output] = step
        return recorder

    def adopt(self, value: Value) -> None:
        """Know a value of an earlier stage, with zeros for its array."""
        zero = np.zeros((), value.dtype)
        self.data[value] = 0.0 if value.weak else np.broadcast_to(zero, value.shape)
        self._next = max(self._next, value.number + 1)

    def operand(self, thing: Any) -> Operand:
        """A thing that appears in a call as the operand of a step."""
        return operand_of(self, thing)

    def concrete(self, operand: Operand) -> Any:
        """The array or number behind an operand in this recording."""
        return self.data[operand] if isinstance(operand, Value) else operand.value

    def position(self) -> Position | None:
        """Where the user's code stands."""
        place = self.locate()
        return place.position if place else None

    # steps
    def record(self, op: Op, things: Sequence[Any], params: Mapping[str, Any]) -> Symbol:
        """Run an op on the data at hand, add the step, and return the symbol of its result."""
        if not self.open:
            raise self.failed(messages.stale_symbol(self.position()))
        operands = tuple(self.operand(t) for t in things)
        place = self.locate()
        position = place.position if place else None
        arrays = [self.concrete(o) for o in operands]
        try:
            with np.errstate(all="ignore"):
                data = op.run(*arrays, **{k: plain(v) for k, v in params.items()})
        except RetrogradError:
            raise
        except (ZeroDivisionError, OverflowError):  # of Python's floats; NumPy's give inf and NaN
            numbers = (np.float64(a) if type(a) in (int, float) else a for a in arrays)
            with np.errstate(all="ignore"):
                data = float(op.run(*numbers))
        except (ValueError, TypeError, IndexError) as error:
            known = self.describe(operands)
            raise self.failed(messages.cannot_run(op, known, error, position)) from error
        if isinstance(data, tuple | list) or data is None:
            raise self.failed(messages.several_results(op, position))
        if np.iscomplexobj(data):
            raise self.failed(messages.complex_number(position))
        sizes = op.result_sizes(self.sizes, [Sized.of(o) for o in operands], params)
        if sizes is None:
            for operand in operands:
                if isinstance(operand, Value):
                    for n, size in zip(operand.shape, operand.sizes, strict=True):
                        self.sizes.pin(Size(n, size))
            for parameter in params.values():
                if type(parameter) is Size:
                    self.sizes.pin(parameter)
            sizes = tuple(Expression.of(n) for n in np.shape(data))
        value = self.value(data, self._ones_stay_ones(np.shape(data), sizes))
        self._verify(op, value)
        if all(not isinstance(o, Value) or o in self.fixed for o in operands) and not any(
            isinstance(o, SizeOperand) for o in operands
        ):
            self.fixed.add(value)
        step = Step(
            op, operands, dict(params), value, position, forward=self.forward, note=self.note
        )
        self.steps.append(step)
        self.producers[value] = step
        if place and place.name:
            self.names[value] = place.name
        symbol = Symbol(self, value)
        if op.view and type(things[0]) is Symbol:
            symbol.shared = things[0].shared = True
        return symbol

    def _ones_stay_ones(
        self, shape: Sequence[int], sizes: Sequence[Expression]
    ) -> Sequence[Expression]:
        """An axis of length 1 may have been broadcast: the program holds for that length only."""
        one = Expression.of(1)
        return [
            self.sizes.same(one, size) if n == 1 and size != one else size
            for n, size in zip(shape, sizes, strict=True)
        ]

    def _verify(self, op: Op, value: Value) -> None:
        computed = tuple(size.evaluate(self.sizes.values.__getitem__) for size in value.sizes)
        assert computed == value.shape, f"sizes rule of {op.name}: {computed}, not {value.shape}"

    def describe(self, operands: Sequence[Operand]) -> list[messages.Known]:
        """What is known of operands, for a message."""
        known = []
        for operand in operands:
            if isinstance(operand, Value):
                step = self.producers.get(operand)
                known.append(
                    messages.Known(
                        self.names.get(operand), operand.shape, step.where if step else None
                    )
                )
            else:
                known.append(messages.Known(None, np.shape(operand.value), None))
        return known

    def failed(self, error: RetrogradError) -> RetrogradError:
        """Keep an error: it is raised again if the user's code swallows it."""
        if self.failure is None:
            self.failure = error
        return error

    # NumPy's protocols
    def ufunc(
        self, ufunc: Any, method: str, inputs: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> Any:
        """What a ufunc does when one of its operands is a symbol or a size."""
        kwargs = dict(kwargs)
        out = kwargs.pop("out", None)
        if method == "reduce":
            reduction = {np.add: np.sum, np.maximum: np.max, np.minimum: np.min}.get(ufunc)
            if reduction is not None:
                kwargs.setdefault("axis", 0)
                return self.call(reduction, inputs, kwargs)
        if method != "__call__":
            raise self.failed(messages.no_rule(f"np.{ufunc.__name__}.{method}", self.position()))
        result = self.call(ufunc, inputs, kwargs)
        if out is None:
            return result
        target = out[0]
        if type(target) is not Symbol:
            raise self.failed(messages.write_into_array(self.position()))
        return target.assign(result)

    def call(self, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Record a call of a NumPy function."""
        op = TABLE.find(function)
        if function in _WRITERS:
            raise self.failed(
                messages.write_into_array(self.position(), f"an array by {function.__name__}")
            )
        if op is None:
            if any(isinstance(a, list | tuple) and _holds_symbols(a) for a in args):
                name = unruled(function, {}).name
                raise self.failed(messages.no_rule(name, self.position()))
            op = unruled(function, kwargs)
            return self.record(op, args, {})
        try:
            arrays, params = bind(op, function, args, kwargs)
        except DifferentiationError as error:
            error = DifferentiationError(
                error.code,
                error.headline,
                where=self.position(),
                notes=error.notes,
                help=error.help,
            )
            raise self.failed(error) from None
        return self.record(op, arrays, params)


def _holds_symbols(items: Sequence[Any]) -> bool:
    return any(type(item) in (Symbol, Size) for item in items)


_WRITERS = (np.copyto, np.put, np.place, np.putmask, np.fill_diagonal, np.put_along_axis)


def current_recorder() -> Recorder | None:
    """The recording under way in this thread, if any."""
    book = current_book()
    return book.recorder if book is not None else None
