"""Memory: which recorded arrays share it, and what a write into one of them reaches.

A symbol is a handle. A write makes the same handle stand for a new value, so that every name bound
to it sees the change. A view remembers what it is a view of: written to, it changes its base too;
read after the base was written, it is taken anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from retrograd.ops import messages
from retrograd.ops.operators import Operators
from retrograd.program import Operand, Value, current_book, plain

if TYPE_CHECKING:
    from retrograd.ops.recorder import Recorder
    from retrograd.ops.symbol import Symbol
    from retrograd.ops.table import Op


@dataclass
class View:
    """Where a view comes from.

    Attributes:
        base: the symbol whose memory it shares.
        op: the operation that takes the view of it.
        rest: the operation's other operands.
        params: its parameters.
        of: the base's value from which the view was taken last.
    """

    base: Symbol
    op: Op
    rest: tuple[Operand, ...]
    params: Mapping[str, Any]
    of: Value


class Memory(Operators):
    """A handle for an array that can be written into.

    Args:
        recorder: the recording that it belongs to.
        value: what it stands for.
    """

    __slots__ = ("_value", "copied", "number", "recorder", "source")

    def __init__(self, recorder: Recorder, value: Value) -> None:
        self.recorder = recorder
        self._value = value
        self.source: View | None = None
        self.copied = False  # whether its memory is its own, though it has the value of another
        self.number = False  # whether it went through float(): a number on its way to the result

    @property
    def value(self) -> Value:
        """What it stands for now."""
        view = self.source
        if view is not None:
            base = view.base.value
            if base is not view.of and self.recorder.open:
                view.of = base
                again = self.recorder.record(view.op, [base, *view.rest], view.params)
                self._renamed(again.value, self._value)
                self._value = again.value
        return self._value

    def write(self, result: Value) -> None:
        """Stand for another value of the same shape and dtype, with all that share this memory.

        Raises:
            DifferentiationError: RG404, what shares it cannot be followed.
        """
        view, old = self.source, self.value
        self.recorder.written.append((old, result))
        if view is None:
            if not self.copied:
                self.recorder.overwrites(old)
            self._renamed(result, old)
        else:
            view.base.write(self._undone(view, result))
            view.of = view.base.value
        self._value = result

    def assign(self, result: Symbol) -> Any:
        """Take over a result, as `+=` and `out=` do: in this array's shape and dtype."""
        if not isinstance(self.recorder.data[self.value], np.ndarray):
            return result  # a NumPy scalar or a float cannot change: the name gets another one
        self._check_writeable()
        made = self._fitted(result).value
        data = self.recorder.data
        if not isinstance(data[made], np.ndarray):
            data[made] = np.asarray(data[made])  # an array with no axes stays one
        self.write(made)
        return self

    def __setitem__(self, key: Any, value: Any) -> None:
        from retrograd.ops.keys import index_key, rows_meet
        from retrograd.ops.write import written_at

        self._check_writeable()
        if not self.value.shape and (key == () or key is Ellipsis):
            self.assign(self._copied(value))
            return
        keys, arrays = index_key(key, self)  # type: ignore[arg-type]
        rows_meet(self, keys, arrays)  # type: ignore[arg-type]
        if self._has_just_been_written(value, keys):
            return
        self._check_whole_numbers(value)
        self.write(written_at(self, value, arrays, keys).value)

    def _copied(self, value: Any) -> Symbol:
        """A number as an array of its own, in this array's dtype."""
        from retrograd.ops.create import constant_array, copy_of

        recorder = self.recorder
        made = recorder.call(constant_array, (value,), {})
        return recorder.call(copy_of, (made.astype(self.value.dtype),), {})  # type: ignore[no-any-return]

    def _undone(self, view: View, result: Value) -> Value:
        """The base's value, once the view stands for `result`."""
        recorder, op = self.recorder, view.op
        new, base = recorder.handle(result), recorder.handle(view.of)
        rest = [recorder.handle(r) if isinstance(r, Value) else r for r in view.rest]
        if op.undo is not None:
            undone = op.undo(new, base, *rest, **view.params)
        elif op.carries and op.rule is not None:  # moves elements: its gradient moves them back
            (undone, *_) = op.rule(new, None, base, *rest, **view.params)
        else:
            where = recorder.position()
            what = f"a view made by np.{op.name}"
            raise recorder.failed(messages.write_into_array(where, what))
        value: Value = undone.value
        return value

    def _renamed(self, new: Value, old: Value) -> None:
        """A written array keeps its name."""
        names = self.recorder.names
        names.pop(new, None)
        if old in names:
            names[new] = names[old]

    def _fitted(self, result: Symbol) -> Symbol:
        recorder, value = self.recorder, self.value
        if result.value.shape != value.shape:
            shapes = (result.value.shape, value.shape)
            try:
                fits = np.broadcast_shapes(*shapes) == value.shape
            except ValueError:
                fits = False
            if not fits:
                raise recorder.failed(messages.does_not_fit(*shapes, recorder.position()))
            from retrograd.ops.create import copy_of

            broadcast: Any = np.broadcast_to
            whole = broadcast(result, np.shape(self))  # type: ignore[call-overload]
            result = recorder.call(copy_of, (whole,), {})
        dtype = result.value.dtype
        if dtype != value.dtype:
            if not np.can_cast(dtype, value.dtype, "same_kind"):
                raise recorder.failed(messages.cut(dtype, value.dtype, recorder.position()))
            result = result.astype(value.dtype)
        return result

    def _check_writeable(self) -> None:
        book = current_book()
        if book is not None and book.recorder is not self.recorder:
            where = self.recorder.position()
            what = "an array of an enclosing function while the inner one is differentiated"
            raise self.recorder.failed(messages.write_into_array(where, what))
        data = self.recorder.data[self.value]
        if not data.flags.writeable:
            where = self.recorder.position()
            raise self.recorder.failed(messages.write_into_array(where, "a read-only array"))

    def _check_whole_numbers(self, value: Any) -> None:
        """NumPy would cut what is written to whole numbers, and its gradient to zero."""
        recorder, own = self.recorder, self.value.dtype
        if isinstance(value, list | tuple):
            from retrograd.ops.symbol import nested

            value = nested(value)
        if not isinstance(value, Memory) or own.kind not in "iub":
            return
        if value.value.dtype.kind == "f" and value.value not in recorder.discrete:
            raise recorder.failed(messages.cut(value.value.dtype, own, recorder.position()))

    def _has_just_been_written(self, value: Any, keys: Any) -> bool:
        """Whether `value` is a view of the place itself: `x[k] += v` has written through it."""
        view = getattr(value, "source", None) if isinstance(value, Memory) else None
        return (
            view is not None
            and view.base is self
            and view.of is self.value
            and not view.rest
            and _same_key(view.params.get("key"), keys)
        )


def _same_key(a: Any, b: Any) -> bool:
    if type(a) is not type(b):
        return False
    if type(a) is tuple:
        return len(a) == len(b) and all(map(_same_key, a, b))
    if type(a) is slice:
        parts = ((a.start, b.start), (a.stop, b.stop), (a.step, b.step))
        return all(_same_key(*pair) for pair in parts)
    return a is b or bool(plain(a) == plain(b))
