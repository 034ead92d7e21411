"""NumPy in the shadow: functions that its protocols do not hand to us.

`np.array([a, b])`, `np.asarray(x)`, `np.zeros(...)`, `np.eye(C)` and `np.arange(N)` make arrays
from what may be symbols or sizes; in the shadow these record.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from retrograd.ops import Recorder, Symbol, current_recorder, holds, messages, nested
from retrograd.ops.create import constant_array, copy_of
from retrograd.program import Constant, plain
from retrograd.trace.python_shadow import OF_MATH, without_shadows


def _recorded(function: Any) -> Callable[..., Any]:
    def create(recorder: Recorder, /, *args: Any, **kwargs: Any) -> Any:
        args = tuple(without_shadows(a) for a in args)
        kwargs = {k: without_shadows(v) for k, v in kwargs.items()}
        return recorder.call(function, args, kwargs)

    return create


def _array(
    recorder: Recorder, thing: Any, dtype: Any = None, *, ndmin: int = 0, **kwargs: Any
) -> Any:
    _check_keywords(recorder, kwargs)
    dtype = without_shadows(dtype)
    made = nested(thing)
    if type(made) is not Symbol:
        literal = not isinstance(thing, np.ndarray)  # numbers that stand in the code
        made = np.asarray(made)
        made = recorder.call(constant_array, (Constant(made) if literal else made,), {})
    copied = made.copy()
    while copied.ndim < ndmin:
        copied = copied[None]
    return copied if dtype is None or np.dtype(dtype) == copied.dtype else copied.astype(dtype)


def _as_array(
    recorder: Recorder, thing: Any, dtype: Any = None, order: Any = None, **kwargs: Any
) -> Any:
    _check_keywords(recorder, kwargs)
    dtype = without_shadows(dtype)
    if type(thing) is Symbol and (dtype is None or np.dtype(dtype) == thing.dtype):
        return thing
    return _array(recorder, thing, dtype)


def _by_columns(recorder: Recorder, thing: Any, dtype: Any = None) -> Any:
    made = _array(recorder, thing, dtype)
    copied = recorder.call(copy_of, (made,), {})
    recorder.data[copied.value] = np.asfortranarray(recorder.data[copied.value])
    return copied


def _check_keywords(recorder: Recorder, given: dict[str, Any]) -> None:
    """Where an array is kept in memory does not matter; anything else would be ignored."""
    unknown = given.keys() - {"order", "copy", "subok", "device"}
    if unknown:
        name = f"np.array(..., {min(unknown)}=...)"
        raise recorder.failed(messages.no_rule(name, recorder.position()))


def _identity(recorder: Recorder, n: Any, dtype: Any = None, **kwargs: Any) -> Any:
    return recorder.call(np.eye, (n,), {"dtype": without_shadows(dtype)})


def takes_lists(recorder: Recorder, value: Any) -> Any:
    """A function of NumPy that also finds symbols inside lists: `np.sum([a, b])`.

    What it makes of plain numbers is a constant of the program: `np.linspace(0, 1, 5)`.
    """
    if isinstance(value, type) or not callable(value):
        return value
    if isinstance(value, np.ufunc):
        return ShadowUfunc(recorder, value)

    @functools.wraps(value)
    def call(*args: Any, **kwargs: Any) -> Any:
        args = tuple(without_shadows(a) for a in args)
        kwargs = {k: without_shadows(v) for k, v in kwargs.items()}
        if value not in _OF_LISTS:
            args = tuple(_without_lists(a) for a in args)
            kwargs = {k: _without_lists(v) for k, v in kwargs.items()}
        result = value(*args, **kwargs)
        if type(result) is np.ndarray and result.dtype.kind == "O":  # of a list of sizes
            result = value(*plain(args), **plain(kwargs))
        if all(_is_plain(a) for a in (*args, *kwargs.values())):
            return _as_constants(current_recorder() or recorder, result)
        return result

    return call


def _without_lists(thing: Any) -> Any:
    return nested(thing) if type(thing) in (list, tuple) and holds(thing, Symbol) else thing


def _is_plain(thing: Any) -> bool:
    """Whether a thing is made of numbers that stand in the code."""
    if isinstance(thing, list | tuple):
        return all(_is_plain(item) for item in thing)
    kinds = (int, float, str, type, np.dtype, slice, type(None))
    return type(thing) is not Symbol and isinstance(thing, kinds)


def _as_constants(recorder: Recorder, result: Any) -> Any:
    if type(result) is np.ndarray:
        return recorder.call(constant_array, (Constant(result),), {})
    if type(result) in (list, tuple) and any(type(item) is np.ndarray for item in result):
        return type(result)(_as_constants(recorder, item) for item in result)
    return result


class ShadowUfunc:
    """A ufunc that finds symbols in lists; its methods, such as `np.add.at`, are its own."""

    def __init__(self, recorder: Recorder, ufunc: np.ufunc) -> None:
        self._recorder = recorder
        self._ufunc = ufunc
        self.__name__ = ufunc.__name__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Its result; a constant of the program where it is given plain numbers."""
        args = tuple(_without_lists(a) for a in args)
        result = self._ufunc(*args, **{k: without_shadows(v) for k, v in kwargs.items()})
        if type(result) is np.ndarray and all(_is_plain(a) for a in args):
            return _as_constants(current_recorder() or self._recorder, result)
        return result

    def __getattr__(self, name: str) -> Any:
        """Its methods and its attributes."""
        return getattr(self._ufunc, name)


class ShadowJoiner:
    """`np.c_` and `np.r_` in the shadow."""

    def __init__(self, recorder: Recorder, original: Any) -> None:
        self._recorder = recorder
        self._original = original

    def __getitem__(self, key: Any) -> Any:
        items = key if type(key) is tuple else (key,)
        if not any(type(item) is Symbol or isinstance(item, list) for item in items):
            return _as_constants(self._recorder, self._original[key])
        parts = [self._part(item) for item in items]
        kinds = [p.dtype for p, item in zip(parts, items, strict=True) if type(item) is Symbol]
        dtype = np.result_type(*kinds, *(i for i in items if type(i) in (int, float)))
        parts = [p if p.dtype == dtype or p.ndim else p.astype(dtype) for p in parts]
        if self._original is np.r_:
            return np.concatenate([p if p.ndim else p.reshape(1) for p in parts])
        return np.column_stack([p if p.ndim else p.reshape(1) for p in parts])

    def _part(self, item: Any) -> Any:
        if isinstance(item, str):
            where = self._recorder.position()
            raise self._recorder.failed(messages.no_rule(f"np.r_[{item!r}, ...]", where))
        if isinstance(item, slice):
            item = self._original[item].reshape(-1)
        return _array(self._recorder, item)


_OF_LISTS = (
    np.concatenate, np.stack, np.vstack, np.hstack, np.dstack, np.column_stack, np.block, np.einsum,
    np.append, np.piecewise, np.select, np.linalg.multi_dot, np.meshgrid, np.broadcast_arrays,
)  # fmt: skip


def vectorized(recorder: Recorder, function: Any, **kwargs: Any) -> Any:
    """np.vectorize: the function for each element."""

    def call(*args: Any) -> Any:
        if not any(type(a) is Symbol for a in args):
            return np.vectorize(function, **kwargs)(*args)
        if not kwargs.keys() <= {"otypes"}:
            active = current_recorder() or recorder
            name = f"np.vectorize(..., {min(kwargs)}=...)"
            raise active.failed(messages.no_rule(name, active.position()))
        whole = getattr(function, "of_arrays", None)  # of Python's math: one of NumPy's
        if whole is not None:
            return _converted(whole(*args), kwargs.get("otypes"))
        arrays = np.broadcast_arrays(*args) if len(args) > 1 else [args[0]]
        shape = tuple(int(n) for n in np.shape(arrays[0]))
        found = [function(*(a[place] for a in arrays)) for place in np.ndindex(shape)]
        return _converted(nested(found).reshape(shape), kwargs.get("otypes"))

    return call


def _converted(result: Any, otypes: Any) -> Any:
    """The result in the dtype that np.vectorize was asked for."""
    dtype = result.dtype if otypes is None else np.dtype(without_shadows(otypes[0]))
    return result if dtype == result.dtype else result.astype(dtype)


def _enumerated(recorder: Recorder, array: Any) -> Any:
    """np.ndenumerate: each place with its element."""
    if type(array) is not Symbol:
        return np.ndenumerate(array)
    shape = tuple(int(n) for n in array.shape)
    return ((place, array[place]) for place in np.ndindex(shape))


def _elements(recorder: Recorder, array: Any, *args: Any, **kwargs: Any) -> Any:
    """np.nditer of a single array: its elements."""
    if type(array) is not Symbol or args or kwargs:
        return np.nditer(array, *args, **kwargs)
    return (element for _, element in _enumerated(recorder, array))


def _dtype(recorder: Recorder, kind: Any, *args: Any, **kwargs: Any) -> Any:
    return np.dtype(without_shadows(kind), *args, **kwargs)


CREATORS: dict[Any, Callable[..., Any]] = {
    **{f: _recorded(f) for f in (np.zeros, np.ones, np.full, np.eye, np.arange)},
    np.identity: _identity,
    np.empty: _recorded(np.zeros),
    np.array: _array,
    np.asarray: _as_array,
    np.ascontiguousarray: _as_array,
    np.asanyarray: _as_array,
    np.asfortranarray: _by_columns,
    np.asarray_chkfinite: _as_array,
    np.vectorize: vectorized,
    np.ndenumerate: _enumerated,
    np.nditer: _elements,
    np.dtype: _dtype,
}


def creator(recorder: Recorder, value: Any) -> Any:
    """The recording version of a function that makes arrays; None for anything else."""
    try:
        make = CREATORS.get(value)
    except TypeError:  # not hashable
        return None
    if make is not None:
        return _of_active(make, recorder)
    if value is np.c_ or value is np.r_:
        return ShadowJoiner(recorder, value)
    return OF_MATH.get(value)


def _of_active(make: Callable[..., Any], recorder: Recorder) -> Callable[..., Any]:
    """The innermost recording under way is the one that records."""

    def create(*args: Any, **kwargs: Any) -> Any:
        return make(current_recorder() or recorder, *args, **kwargs)

    return create


def of_numpy(recorder: Recorder, value: Any) -> Any:
    """What the recorded code gets for an attribute of the module numpy."""
    return creator(recorder, value) or takes_lists(recorder, value)
