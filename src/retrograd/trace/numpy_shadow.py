"""NumPy in the shadow: functions that its protocols do not hand to us.

`np.array([a, b])`, `np.asarray(x)`, `np.zeros(...)`, `np.eye(C)` and `np.arange(N)` make arrays
from what may be symbols or sizes; in the shadow these record.
"""

from __future__ import annotations

import builtins
import functools
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from retrograd.ops import Recorder, Symbol, messages, nested
from retrograd.ops.create import constant_array
from retrograd.program import Constant


class ShadowModule:
    """A module whose attributes go through a function."""

    def __init__(
        self,
        module: types.ModuleType,
        attribute: Callable[[str], Any],
        changed: Callable[[str], None],
    ) -> None:
        self.__dict__.update(_module=module, _attribute=attribute, _changed=changed)

    def __setattr__(self, name: str, value: Any) -> None:
        self._changed(f"it writes the module's variable {name}")
        self.__dict__[name] = value

    def __getattr__(self, name: str) -> Any:
        value = self._attribute(name)
        self.__dict__[name] = value
        return value

    def __repr__(self) -> str:
        return repr(self._module)


def shadow_len(thing: Any) -> Any:
    """`len`, which keeps the size of a symbol."""
    return thing.shape[0] if type(thing) is Symbol and thing.ndim else builtins.len(thing)


def _recorded(function: Any) -> Callable[..., Any]:
    def create(recorder: Recorder, /, *args: Any, **kwargs: Any) -> Any:
        return recorder.call(function, args, kwargs)

    return create


def _array(
    recorder: Recorder, thing: Any, dtype: Any = None, *, ndmin: int = 0, **kwargs: Any
) -> Any:
    _check_keywords(recorder, kwargs)
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
    if type(thing) is Symbol and (dtype is None or np.dtype(dtype) == thing.dtype):
        return thing
    return _array(recorder, thing, dtype)


def _check_keywords(recorder: Recorder, given: dict[str, Any]) -> None:
    """Where an array is kept in memory does not matter; anything else would be ignored."""
    unknown = given.keys() - {"order", "copy", "subok", "device"}
    if unknown:
        name = f"np.array(..., {min(unknown)}=...)"
        raise recorder.failed(messages.no_rule(name, recorder.position()))


def _identity(recorder: Recorder, n: Any, dtype: Any = None, **kwargs: Any) -> Any:
    return recorder.call(np.eye, (n,), {"dtype": dtype})


def takes_lists(value: Any) -> Any:
    """A function of NumPy that also finds symbols inside lists: `np.sum([a, b])`."""
    if isinstance(value, type) or not callable(value) or value in _OF_LISTS:
        return value

    @functools.wraps(value)
    def call(*args: Any, **kwargs: Any) -> Any:
        return value(*(_without_lists(a) for a in args), **kwargs)

    return call


def _without_lists(thing: Any) -> Any:
    if type(thing) is list and any(type(item) is Symbol for item in thing):
        return nested(thing)
    return thing


_OF_LISTS = (
    np.concatenate, np.stack, np.vstack, np.hstack, np.dstack, np.column_stack, np.block, np.einsum,
)  # fmt: skip

CREATORS: dict[Any, Callable[..., Any]] = {
    **{f: _recorded(f) for f in (np.zeros, np.ones, np.full, np.eye, np.arange)},
    np.identity: _identity,
    np.empty: _recorded(np.zeros),
    np.array: _array,
    np.asarray: _as_array,
    np.ascontiguousarray: _as_array,
    np.asanyarray: _as_array,
}


def creator(recorder: Recorder, value: Any) -> Any:
    """The recording version of a function that makes arrays; None for anything else."""
    try:
        make = CREATORS.get(value)
    except TypeError:  # not hashable
        return None
    return None if make is None else functools.partial(make, recorder)


def of_numpy(recorder: Recorder, value: Any) -> Any:
    """What the recorded code gets for an attribute of the module numpy."""
    return creator(recorder, value) or takes_lists(value)
