"""NumPy's protocols: from a call of one of its functions on symbols to a step.

A function is an op of the table, or a composition of functions that are, or computed without a
rule for its gradient.
"""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from retrograd.errors import DifferentiationError, RetrogradError
from retrograd.ops import messages
from retrograd.ops.calls import bind, unruled
from retrograd.ops.symbol import Symbol, holds
from retrograd.ops.table import COMPOSED, TABLE, Op
from retrograd.program import Size, Value, current_book

if TYPE_CHECKING:
    from retrograd.program import Position

_REDUCTIONS: dict[Any, Any] = {
    np.add: np.sum,
    np.multiply: np.prod,
    np.maximum: np.max,
    np.minimum: np.min,
    np.logical_and: np.all,
    np.logical_or: np.any,
}
_ACCUMULATIONS: dict[Any, Any] = {np.add: np.cumsum, np.multiply: np.cumprod}


# they write into an array, or call the user's function
_NOT_TRIED = {
    np.copyto, np.fill_diagonal, np.put_along_axis, np.putmask, np.place, np.piecewise,
    np.apply_along_axis,
}  # fmt: skip


class Protocols:
    """What a recorder does with calls of NumPy's functions."""

    data: dict[Value, Any]
    discrete: set[Value]
    capture: Callable[..., Symbol] | None
    traces: bool
    inside: int
    changes: Callable[[str], None]

    @abstractmethod
    def record(self, op: Op, things: Sequence[Any], params: Mapping[str, Any]) -> Symbol:
        """Add a step."""

    @abstractmethod
    def whole(self, body: Callable[..., Any], args: Sequence[Any], kwargs: Any) -> Any:
        """Run a function that is made of several steps."""

    @abstractmethod
    def failed(self, error: RetrogradError) -> RetrogradError:
        """Keep an error."""

    @abstractmethod
    def position(self) -> Position | None:
        """Where the user's code stands."""

    def ufunc(
        self, ufunc: Any, method: str, inputs: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> Any:
        """What a ufunc does when one of its operands is a symbol or a size."""
        kwargs = dict(kwargs)
        (out,) = kwargs.pop("out", None) or (None,)
        where = kwargs.pop("where", True)
        if where is not True:
            if method != "__call__" or type(out) is not Symbol:
                raise self.failed(messages.unknown_argument(ufunc, "where"))
            safe = [np.where(where, i, 1) for i in inputs]  # elsewhere it is not computed
            return self._into(out, np.where(where, self.call(ufunc, safe, kwargs), out))
        if method == "__call__":
            return self._into(out, self.call(ufunc, inputs, kwargs))
        if method == "reduce" and ufunc in _REDUCTIONS:
            kwargs.setdefault("axis", 0)
            return self._into(out, self.call(_REDUCTIONS[ufunc], inputs, kwargs))
        if method == "accumulate" and ufunc in _ACCUMULATIONS:
            kwargs.setdefault("axis", 0)
            return self._into(out, self.call(_ACCUMULATIONS[ufunc], inputs, kwargs))
        composed = COMPOSED.get((ufunc, method))
        if composed is not None:
            return self.whole(composed, inputs, kwargs)
        if method == "outer" and ufunc.nin == 2:  # all pairs, by broadcasting
            a, b = inputs
            column = np.reshape(a, (*np.shape(a), *(1,) * np.ndim(b)))
            return self._into(out, self.call(ufunc, (column, b), kwargs))
        raise self.failed(messages.no_rule(f"np.{ufunc.__name__}.{method}", self.position()))

    def call(self, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Record a call of a NumPy function."""
        out = kwargs.get("out")
        if out is not None and not isinstance(function, np.ufunc):
            kwargs = {k: v for k, v in kwargs.items() if k != "out"}
            return self._into(out, self.call(function, args, kwargs))
        if function is np.where and len(args) == 1 and not kwargs:
            function = np.nonzero
        composed = COMPOSED.get(function)
        if composed is not None:
            name = unruled(function, {}).name
            return self._composed(function, composed, name, args, kwargs)
        op = TABLE.find(function)
        if op is None:
            op = unruled(function, kwargs)
            if any(isinstance(a, list | tuple) and holds(a, Symbol, Size) for a in args):
                raise self.failed(messages.no_rule(op.name, self.position()))
            if not _in_numpy(op.name, function):
                return self._of_data(op.name, function, args, kwargs)
            named = [v for v in kwargs.values() if type(v) is Symbol]
            return self.record(op, [*args, *named], {})
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

    def _of_data(
        self, name: str, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> Any:
        """A function that has no text: of data alone its result is data, too."""
        plain_args = []
        for a in args:
            if type(a) is Symbol and a.value not in self.discrete:
                raise self.failed(messages.no_rule(name, self.position()))
            plain_args.append(self.data[a.value] if type(a) is Symbol else a)
        if self.capture is None or any(type(v) is Symbol for v in kwargs.values()):
            raise self.failed(messages.no_rule(name, self.position()))
        self.changes(f"it calls {name} of data")
        made: Symbol = self.capture(np.asarray(function(*plain_args, **kwargs)))
        self.discrete.add(made.value)
        return made

    def _composed(
        self,
        function: Any,
        body: Any,
        name: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
    ) -> Any:
        """Run a composition; a form of the call that it does not cover has no rule."""
        given = {k: v for k, v in kwargs.items() if v is not np._NoValue}
        self._as_numpy(function, name, args, given)
        try:
            return self.whole(body, args, given)
        except RetrogradError:
            raise
        except (TypeError, ValueError, IndexError, AttributeError, ArithmeticError) as error:
            form = f"{name} with these arguments"
            raise self.failed(messages.no_rule(form, self.position())) from error

    def _as_numpy(
        self, function: Any, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> None:
        """Refuse what NumPy refuses: a composition may take more."""
        if not self.traces or self.inside or function in _NOT_TRIED:
            return
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                function(*self._concrete(args), **self._concrete(dict(kwargs)))
        except np.linalg.LinAlgError as error:
            raise messages.refused_by_numpy(name, error, self.position()) from error
        except (TypeError, ValueError, IndexError, ArithmeticError) as error:
            raise messages.refused_by_numpy(name, error, self.position()) from error

    def _concrete(self, thing: Any) -> Any:
        """What a call is given in this recording."""
        if type(thing) is Symbol:
            return thing.recorder.data[thing.value]
        if type(thing) is Size:
            return thing.value
        if type(thing) is dict:
            return {k: self._concrete(v) for k, v in thing.items()}
        if type(thing) in (list, tuple):
            return type(thing)(self._concrete(item) for item in thing)
        return thing

    def _into(self, target: Any, result: Any) -> Any:
        """A result in the array given as `out=`, if there is one."""
        if target is None:
            return result
        if type(target) is not Symbol:
            raise self.failed(messages.write_into_array(self.position()))
        return target.assign(result)


def _in_numpy(name: str, function: Any) -> bool:
    """Whether a name in a text means that function."""
    found: Any = np
    for part in name.split(".")[1:]:
        found = getattr(found, part, None)
    return found is function


def refused(name: str) -> RetrogradError:
    """The error for something that no rule covers, such as a mode of a function."""
    book = current_book()
    assert book is not None
    error: RetrogradError = book.recorder.failed(messages.no_rule(name, book.recorder.position()))
    return error
