"""The recorder: turns NumPy calls on symbols into the steps of a program.

It is used twice: on the user's function (by trace) and on the ops' own rules (by differentiate).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from retrograd.errors import RetrogradError
from retrograd.ops import label_messages, messages
from retrograd.ops.decide import Decisions
from retrograd.ops.memory import View
from retrograd.ops.operands import operand_of
from retrograd.ops.protocols import Protocols
from retrograd.ops.symbol import Symbol
from retrograd.ops.table import Op, Sized
from retrograd.program import (
    Dim,
    Expression,
    Note,
    Operand,
    Position,
    Program,
    Size,
    SizeBook,
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


class Recorder(Decisions, Protocols):
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
        self.begin_decisions()
        self.sizes = SizeBook(self, self.ufunc)
        self.open = False
        self.once = False  # the program is for these very arrays: numbers may go into them
        self.traces = True  # the arrays are those of a call; False: zeros stand for them
        self.failure: RetrogradError | None = None
        self.depend: Callable[[Any], None] = lambda recording: None  # an inner recording was used
        self.overwrites: Callable[[Value], None] = lambda value: None  # memory is written into
        self.written: list[tuple[Value, Value]] = []  # arrays before and after a write into them
        self.prints: Callable[[], bool] = lambda: False  # whether only `%` or an assert wants it
        self.forward: Step | None = None  # the step whose rule is being recorded, and why
        self.note: Note | None = None
        self.inside = 0  # how many functions of the library are being run, made of several steps
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

    @property
    def latest(self) -> int:
        """The number of the value that was made last."""
        return self._next - 1

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
        if value.dtype.kind in "iub":
            self.discrete.add(value)
        return Symbol(self, value)

    def handle(self, value: Value) -> Symbol:
        """A symbol for a value of this recording."""
        return Symbol(self, value)

    @staticmethod
    def continuing(program: Program) -> Recorder:
        """A recorder whose steps so far are those of `program`, with zeros for its arrays.

        Rules never look at values, so any numbers do; zeros cost no memory.
        """
        recorder = Recorder()
        recorder.traces = False
        recorder.known.update(program.known)
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
        data = 0.0 if value.weak else np.broadcast_to(zero, value.shape)
        self.data[value] = self.known.get(value, data)
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
        number = not self.once and any(type(t) is Symbol and t.number for t in things)
        if number and not op.updates and any(np.shape(self.concrete(o)) for o in operands):
            raise self.failed(messages.number_in_array(self.position()))
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
        except np.linalg.LinAlgError as error:
            if self.traces:
                known = self.describe(operands)
                raise messages.cannot_run(op, known, error, position) from error
            data = op.run(*(_regular(a) for a in arrays))  # zeros stand for the arrays
        except (ValueError, TypeError, IndexError) as error:
            known = self.describe(operands)  # NumPy would raise here, too: the user may catch it
            label = label_messages.label_without_column(op, known, arrays, position)
            if label is not None:
                raise label from error
            raise messages.cannot_run(op, known, error, position) from error
        if type(data) is bool:
            data = np.bool_(data)
        if isinstance(data, tuple | list) or data is None:
            raise self.failed(messages.several_results(op, position))
        if np.iscomplexobj(data):
            raise self.failed(messages.complex_number(position))
        if getattr(data, "dtype", np.dtype(float)).kind == "O":
            raise self.failed(messages.foreign_object(data, position))
        sizes = op.result_sizes(self.sizes, [Sized.of(o) for o in operands], params)
        if sizes is None or len(sizes) != np.ndim(data):
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
        self._note_data(op, operands, value)
        step = Step(
            op, operands, dict(params), value, position, forward=self.forward, note=self.note
        )
        self.steps.append(step)
        self.producers[value] = step
        if place and place.name and not self.inside:
            self.names[value] = place.name
        symbol = Symbol(self, value)
        symbol.number = number and not value.shape
        first = things[0] if things else None
        own = type(first) is Symbol and first.recorder is self and isinstance(data, np.ndarray)
        if op.view and own and np.may_share_memory(data, arrays[0]):
            symbol.source = View(things[0], op, operands[1:], dict(params), things[0].value)
        self._note_masks(op, operands, value)
        return symbol

    def whole(self, body: Callable[..., Any], args: Sequence[Any], kwargs: Any) -> Any:
        """Run a function that is made of several steps: its result alone gets the user's name."""
        start = len(self.steps)
        self.inside += 1
        try:
            result = body(*args, **kwargs)
        finally:
            self.inside -= 1
        if type(result) is Symbol and any(s.output is result.value for s in self.steps[start:]):
            place = self.locate()
            if place and place.name and not self.inside:
                self.names[result.value] = place.name
        return result

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


def _regular(x: Any) -> Any:
    """Matrices that can be inverted, in the shape of x."""
    shape = np.shape(x)
    return np.broadcast_to(np.eye(*shape[-2:]), shape) if len(shape) > 1 else x


def current_recorder() -> Recorder | None:
    """The recording under way in this thread, if any."""
    book = current_book()
    return book.recorder if book is not None else None
