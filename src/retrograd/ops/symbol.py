"""The symbol: stands for an array while a function is recorded and records what is done to it.

It holds on to the array itself, so shapes and dtypes are known; its sizes are `Size`s, which
remember where they came from. What it shares with other symbols is in `memory`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from retrograd.ops import messages
from retrograd.ops.memory import Memory
from retrograd.ops.queries import QUERIES, by_columns
from retrograd.program import Size, current_book, plain

if TYPE_CHECKING:
    from retrograd.ops.recorder import Recorder


class Symbol(Memory):
    """An array under recording.

    Args:
        recorder: the recording that it belongs to.
        value: what it stands for.
    """

    __slots__ = ()
    __array_priority__ = 1000.0

    @property  # type: ignore[misc]
    def __class__(self) -> Any:  # isinstance(x, np.ndarray) holds, as it would without recording
        return type(self.recorder.data[self.value])

    # what an array knows of itself
    @property
    def shape(self) -> tuple[Any, ...]:
        """The shape, as sizes that remember their origin."""
        pairs = zip(self.value.shape, self.value.sizes, strict=True)
        return tuple(n if e.constant is not None else Size(n, e) for n, e in pairs)

    @shape.setter
    def shape(self, shape: Any) -> None:
        where = self.recorder.position()
        raise self.recorder.failed(messages.write_into_array(where, "the shape of an array"))

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.value.shape)

    @property
    def size(self) -> Any:
        """The number of elements."""
        shape = self.shape
        product: Any = shape[0] if shape else 1
        for n in shape[1:]:
            product = product * n
        return product

    @property
    def dtype(self) -> np.dtype[Any]:
        """The NumPy dtype."""
        return self.value.dtype

    @property
    def T(self) -> Any:  # noqa: N802  (NumPy's name)
        """The transpose."""
        return np.transpose(self)

    @property
    def mT(self) -> Any:  # noqa: N802
        """Each matrix transposed."""
        return np.matrix_transpose(self)

    def __len__(self) -> int:
        if not self.value.shape:
            raise TypeError("len() of unsized object")
        return int(self.shape[0])

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, key: Any) -> Any:
        from retrograd.ops.keys import check_labels, index_key, rows_meet

        keys, arrays = index_key(key, self)
        check_labels(self, keys, arrays)
        rows_meet(self, keys, arrays)
        return self._active.call(getitem, (self, *arrays), {"key": keys})

    @property
    def _active(self) -> Recorder:
        """The innermost recording under way; a symbol of an outer one is an array to it."""
        book = current_book()
        recorder: Recorder = self.recorder if book is None else book.recorder
        return recorder

    # NumPy's protocols
    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return self._active.ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        query, given = QUERIES.get(function), [*args, *kwargs.values()]
        if query is not None:
            alone = len(given) == 1 or (function is np.size and type(given[-1]) is int)
            if alone and type(given[0]) is Symbol:
                return query(*given)
        if function is np.reshape and kwargs.get("order") == "F":
            return by_columns(*args, **{k: v for k, v in kwargs.items() if k != "order"})
        return self._active.call(function, args, kwargs)

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        return np.array(self._plain("a plain array"))

    # where Python needs a plain value
    def _plain(self, kind: str) -> Any:
        """The array itself, where it depends on whole numbers alone, such as labels."""
        recorder = self.recorder
        value = self.value
        if recorder.prints():
            return recorder.data[value]
        if value not in recorder.discrete:
            raise recorder.failed(messages.branch_on_value(recorder.position(), kind))
        if value not in recorder.fixed:  # not made of constants alone
            recorder.decides(value, f"{kind} of whole numbers decides what it does")
        return recorder.data[value]

    def __bool__(self) -> bool:
        return bool(self._plain("bool"))

    def __float__(self) -> float:
        return float(self._plain("float()"))

    def __int__(self) -> int:
        return int(self._plain("int()"))

    def __index__(self) -> int:
        return int(self._plain("an integer"))

    def __complex__(self) -> complex:
        return complex(self._plain("complex()"))

    def item(self, *args: Any) -> Any:
        """A number, as float() makes it."""
        if self.value in self.recorder.discrete:
            return self._plain("item()").item(*args)
        if args:
            return as_number(self[args if len(args) > 1 else args[0]])
        return as_number(self)

    def tolist(self) -> Any:
        """Lists; of whole numbers plain ones, of other numbers lists of symbols."""
        if self.value in self.recorder.discrete or not self.value.shape:
            return self._plain("tolist()").tolist()
        return [row.tolist() if row.value.shape else row for row in self]

    def __hash__(self) -> int:  # of a number, such as a label; arrays have none
        if self.value.shape:
            raise TypeError("unhashable type: 'numpy.ndarray'")
        return hash(self._plain("hash()"))

    # what is printed is what is there in this call
    def __repr__(self) -> str:
        return repr(self.recorder.data[self.value])

    def __str__(self) -> str:
        return str(self.recorder.data[self.value])

    def __format__(self, spec: str) -> str:
        return format(self.recorder.data[self.value], spec)

    def __copy__(self) -> Any:
        return self.copy()

    def __deepcopy__(self, memo: Any) -> Any:
        return self.copy()

    def __round__(self, digits: int = 0) -> Any:
        return np.round(self, digits)

    def view(self, *args: Any) -> Any:
        """Another name for the same array."""
        if args:
            return self.__getattr__("view")
        return self[...] if self.ndim else self

    def conj(self) -> Any:
        """The array itself: it has no imaginary part."""
        return self

    conjugate = conj

    def __getattr__(self, name: str) -> Any:
        if hasattr(np.ndarray, name) and not name.startswith("__"):
            recorder = self._active
            raise recorder.failed(messages.no_rule(f"the array's .{name}", recorder.position()))
        raise AttributeError(f"'numpy.ndarray' object has no attribute {name!r}")

    # methods that take what NumPy's function of that name takes in another form
    def reshape(self, *shape: Any, order: str = "C") -> Any:
        """`x.reshape(2, 3)` or `x.reshape((2, 3))`."""
        form = shape[0] if len(shape) == 1 else shape
        return np.reshape(self, form, order=order)  # type: ignore[call-overload]

    def transpose(self, *axes: Any) -> Any:
        """`x.transpose()`, `x.transpose(1, 0)` or `x.transpose((1, 0))`."""
        if len(axes) == 1:
            axes = axes[0]
        return np.transpose(self, axes or None)

    def ravel(self, order: str = "C") -> Any:
        """The elements in one row."""
        return self.reshape(-1, order=order)

    def flatten(self, order: str = "C") -> Any:
        """The elements in one row, as a new array."""
        return self.copy().reshape(-1, order=order).copy()

    def squeeze(self, axis: Any = None) -> Any:
        """Without the axes of length 1."""
        return np.squeeze(self, axis)

    def copy(self, order: str = "C") -> Any:
        """Another handle for the same value."""
        made = Symbol(self.recorder, self.value)
        made.copied = True
        return made

    def astype(self, dtype: Any, order: str = "K", casting: str = "unsafe", **kwargs: Any) -> Any:
        """The array in another dtype."""
        if kwargs.get("copy") is False and np.dtype(dtype) == self.dtype:
            return self
        return self._active.call(astype_call, (self,), {"dtype": np.dtype(dtype)})

    def fill(self, value: Any) -> None:
        """Write one number everywhere."""
        self[...] = value

    def sort(self, axis: int = -1, **kwargs: Any) -> None:
        """Sort in place."""
        ordered: Any = np.sort(self, axis)
        self.assign(ordered)

    @property
    def flat(self) -> Any:
        """The elements in one row; it writes through."""
        return self.ravel()

    @flat.setter
    def flat(self, value: Any) -> None:
        self[...] = np.reshape(value, np.shape(self)) if np.ndim(value) else value

    @property
    def real(self) -> Any:
        """The array itself: it has no imaginary part."""
        return self


def as_number(x: Symbol) -> Symbol:
    """What `float(x)` is while recording: the number itself, which only numbers may use.

    Raises:
        TypeError: x has several elements, as in NumPy.
    """
    if x.value.shape and plain(x.size) != 1:
        raise TypeError("only 0-dimensional arrays can be converted to Python scalars")
    from retrograd.ops.shape import as_float

    number = x.reshape(()) if x.value.shape else x
    made: Symbol = number if number.value.weak else as_float(number)
    made.number = True
    return made


def getitem(*args: Any, **kwargs: Any) -> Any:
    """Indexing: what the op `index` answers for."""
    raise AssertionError


def astype_call(*args: Any, **kwargs: Any) -> Any:
    """A change of dtype: what the op `astype` answers for."""
    raise AssertionError


def nested(thing: Any) -> Any:
    """Nested lists as one array; a symbol if there is one among the items."""
    if not isinstance(thing, list | tuple):
        return thing
    items = [nested(item) for item in thing]
    if any(type(item) is Symbol for item in items):
        return np.stack(items)
    if any(type(item) is Size for item in items):  # an array of sizes holds for these sizes
        items = [item._pin() if type(item) is Size else item for item in items]
    return np.asarray(items)


def holds(thing: Any, *kinds: type) -> bool:
    """Whether there is a thing of one of these types in nested lists, or it is one."""
    if isinstance(thing, list | tuple):
        return any(holds(item, *kinds) for item in thing)
    return type(thing) in kinds


def _method(function: Any) -> Any:
    def call(self: Symbol, *args: Any, **kwargs: Any) -> Any:
        return self._active.call(function, (self, *args), kwargs)

    return call


for _function in (
    np.sum, np.mean, np.max, np.min, np.prod, np.var, np.std, np.argmax, np.argmin, np.all, np.any,
    np.cumsum, np.cumprod, np.dot, np.clip, np.round, np.trace, np.diagonal, np.swapaxes, np.repeat,
    np.take, np.ptp, np.argsort, np.nonzero, np.searchsorted,
):  # fmt: skip
    setattr(Symbol, _function.__name__, _method(_function))
