"""The shadow of a function: the same code, whose world is a copy with symbols for arrays.

Globals, closure cells, containers and objects are replaced lazily by copies when the code reaches
them. What the code writes goes to the copies; nothing of the user's is changed. Whatever it reaches
is remembered with a guard, so that a change of it leads to a new recording.
"""

from __future__ import annotations

import builtins
import dataclasses
import enum
import functools
import sys
import types
import weakref
from collections.abc import Callable, MutableMapping, MutableSequence, MutableSet
from copy import copy as copy_of
from typing import Any

import numpy as np

from retrograd.ops import TABLE, Recorder, Symbol
from retrograd.trace.frames import target, user_frame
from retrograd.trace.instances import ShadowSuper, shadow_class, shadow_instance
from retrograd.trace.modules import of_library, shadow_module
from retrograd.trace.namespace import ShadowGlobals
from retrograd.trace.numpy_shadow import creator, vectorized
from retrograd.trace.origin import (
    PlainDraws,
    draws,
    is_users,
    writes_outside,
)
from retrograd.trace.paths import (
    ArrayLike,
    Guard,
    Path,
    SameAs,
    cell_path,
    contents_of,
    items_by_identity,
)
from retrograd.trace.python_shadow import BUILTINS, shadow_eval

_PLAIN = (int, float, complex, bool, str, bytes, type(None))
_SHADOWS: weakref.WeakSet[Callable[..., Any]] = weakref.WeakSet()  # shadows of other recordings


class World:
    """Everything one recording has shadowed.

    Args:
        recorder: the recording.
        capture: makes the input for an array found at a path.
    """

    def __init__(self, recorder: Recorder, capture: Callable[[Any, Path | None], Symbol]) -> None:
        self.recorder = recorder
        self.capture = capture
        self.guards: list[Guard] = []
        self.every_call: str | None = None  # why it has to be recorded at every call
        self._found_at: dict[int, Path] = {}
        self._containers: list[tuple[Any, list[tuple[Any, int]]]] = []
        self._made: dict[int, tuple[Any, Any]] = {}  # by id; the first keeps the original alive
        self.builtins = {
            **vars(builtins),
            **BUILTINS,
            "__import__": self._import,
            "super": self._super,
        }
        self.builtins["eval"] = shadow_eval(self.builtins)

    def shadow(self, value: Any, path: Path) -> Any:
        """What the recorded code gets instead of `value`."""
        kind = type(value)
        if kind in _PLAIN:
            self.guards.append(Guard(path, value))
            return value
        known = self._made.get(id(value))
        if known is not None and known[0] is value:
            first = self._found_at.get(id(value))
            if first is not None and first.text != path.text:
                self.guards.append(Guard(path, SameAs(first)))
            return known[1]
        self._found_at[id(value)] = path
        made = self._make(value, path)
        self._made[id(value)] = (value, made)
        return made

    def depend(self, recording: tuple[tuple[Guard, ...], str | None]) -> None:
        """Note that another recording was used: its guards are guards of this one."""
        guards, every_call = recording
        self.guards.extend(guards)
        if every_call is not None:
            self.changes(every_call)

    def finish(self) -> None:
        """After recording: has the code changed a container that it will find again?"""
        for copy, before in self._containers:
            if items_by_identity(copy) != before:
                self.changes("it changes a list or dict that it finds again at the next call")

    def _make(self, value: Any, path: Path) -> Any:
        kind = type(value)
        if kind is Symbol and value.recorder is self.recorder:
            return value
        if kind is Symbol or kind is np.ndarray or isinstance(value, np.generic):
            contiguous = kind is Symbol or bool(value.flags.c_contiguous)
            self.guards.append(Guard(path, ArrayLike(value.shape, value.dtype, contiguous)))
            return self.capture(value, path)
        if isinstance(value, list | tuple | dict) and not hasattr(kind, "_fields"):
            return self._container(value, path)
        if isinstance(value, set | frozenset):
            self.guards.append(Guard(path, contents_of(value)))
            made = copy_of(value)
            self._containers.append((made, items_by_identity(made)))
            return made
        if kind is types.SimpleNamespace:
            return self._namespace(value, path)
        self.guards.append(Guard(path, value))
        if isinstance(value, enum.Enum):
            return value
        if isinstance(value, type):
            return self._class(value, path)
        if kind is types.ModuleType:
            return shadow_module(self, value, path)
        maker = creator(self.recorder, value) or of_library(self.recorder, value)
        if maker is not None:
            return maker
        if kind is types.FunctionType:
            own = is_users(value) and value not in _SHADOWS and TABLE.find(value) is None
            return self.function(value) if own else value
        if kind is types.MethodType:
            return self._method(value, path)
        if kind is functools.partial:
            return self._partial(value, path)
        if kind is np.vectorize:
            inner = self.shadow(value.pyfunc, path.attribute("pyfunc"))
            return vectorized(self.recorder, inner)
        if draws(value):
            self.changes("it uses a random generator or a clock")
            if isinstance(value, np.random.Generator | np.random.RandomState):
                return PlainDraws(value)
        elif isinstance(value, MutableMapping | MutableSequence | MutableSet):
            self.changes(f"it reads a {kind.__name__}, whose changes cannot be seen")
        elif hasattr(kind, "__next__"):
            self.changes("it takes items from an iterator")
        elif not isinstance(value, type) and kind.__flags__ & (1 << 9) and is_users(kind):
            return self._instance(value, path)  # 1 << 9: an ordinary class, not one written in C
        return value

    def changes(self, reason: str) -> None:
        """Note that the function can do something else at every call."""
        self.every_call = self.every_call or reason

    # functions
    def function(self, function: types.FunctionType) -> Callable[..., Any]:
        """A function with the same code in this world."""
        known = self._made.get(id(function))
        if known is not None and known[0] is function:
            made: Callable[..., Any] = known[1]
            return made
        closure = function.__closure__
        cells = tuple(types.CellType() for _ in closure or ())
        inner = types.FunctionType(
            function.__code__,
            self._globals(function.__globals__),
            function.__name__,
            None,
            cells if closure is not None else None,
        )

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            before = len(self.recorder.steps)
            result = inner(*args, **kwargs)
            if not (args and type(getattr(args[0], "number", None)) is int):
                self._name_result(result, before)
            return result

        self._made[id(function)] = (function, call)
        _SHADOWS.add(call)
        for cell, original, name in zip(
            cells, closure or (), function.__code__.co_freevars, strict=True
        ):
            self._fill(cell, original, name)
        name = function.__name__
        path = Path(f"{name}.__defaults__", name, lambda: function.__defaults__)
        inner.__defaults__ = (
            self._container(function.__defaults__, path) if function.__defaults__ else None
        )
        if function.__kwdefaults__:
            path = Path(f"{name}.__kwdefaults__", name, lambda: function.__kwdefaults__)
            inner.__kwdefaults__ = self._container(function.__kwdefaults__, path)
        written = writes_outside(function.__code__)
        if written is not None:
            self.changes(written)
        self._containers.append((vars(call), items_by_identity(vars(call))))
        for key, thing in vars(function).items():
            if type(thing) in _PLAIN:
                read = functools.partial(getattr, function, key)
                self.guards.append(Guard(Path(f"{name}.{key}", key, read), thing))
        return call

    def method_function(self, function: types.FunctionType) -> Callable[..., Any]:
        """A method's function in this world; a library's as it is."""
        return self.function(function) if is_users(function) else function

    def _fill(self, cell: types.CellType, original: types.CellType, name: str) -> None:
        try:
            content = original.cell_contents
        except ValueError:
            return
        if name == "__class__":
            cell.cell_contents = content
        else:
            cell.cell_contents = self.shadow(content, cell_path(original, name))

    def _globals(self, real: dict[str, Any]) -> ShadowGlobals:
        known = self._made.get(id(real))
        if known is None:
            known = (real, ShadowGlobals(self, real))
            self._made[id(real)] = known
        made: ShadowGlobals = known[1]
        return made

    def _name_result(self, result: Any, before: int) -> None:
        """A value made in a helper takes the name that the caller gives it."""
        if type(result) is not Symbol or result.recorder is not self.recorder:
            return
        step = self.recorder.producers.get(result.value)
        frame = user_frame(ShadowGlobals)
        if step is None or frame is None or step not in self.recorder.steps[before:]:
            return
        name = target(frame.f_code, frame.f_lasti)
        if name is not None and name.isidentifier():
            self.recorder.names[result.value] = name

    def _method(self, method: types.MethodType, path: Path) -> Any:
        owner = self.shadow(method.__self__, path.attribute("__self__"))
        function: Any = method.__func__
        own = isinstance(function, types.FunctionType)
        return types.MethodType(self.method_function(function) if own else function, owner)

    def _partial(self, value: functools.partial[Any], path: Path) -> Any:
        function = self.shadow(value.func, path.attribute("func"))
        args = self.shadow(value.args, path.attribute("args"))
        keywords = self.shadow(value.keywords, path.attribute("keywords"))
        return functools.partial(function, *args, **keywords)

    # containers, modules and objects
    def _container(self, value: Any, path: Path) -> Any:
        self.guards.append(Guard(path, contents_of(value)))
        if isinstance(value, tuple):
            return tuple(self.shadow(v, path.item(i)) for i, v in enumerate(value))
        made = copy_of(value)
        self._made[id(value)] = (value, made)  # it may hold itself
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            made[key] = self.shadow(item, path.item(key))
        self._containers.append((made, items_by_identity(made)))
        return made

    def _namespace(self, value: types.SimpleNamespace, path: Path) -> types.SimpleNamespace:
        """A SimpleNamespace, as an object: its attributes are shadowed."""
        read = path.read
        names = Path(f"vars({path.text})", path.name, lambda: vars(read()))
        self.guards.append(Guard(names, contents_of(vars(value))))
        made = types.SimpleNamespace()
        for name, thing in vars(value).items():
            setattr(made, name, self.shadow(thing, path.attribute(name)))
        self._containers.append((vars(made), items_by_identity(vars(made))))
        return made

    def _class(self, kind: type, path: Path) -> type:
        """A class itself; numbers among its attributes are part of the recording."""
        if not is_users(kind):
            return kind
        for name, thing in vars(kind).items():
            if type(thing) in _PLAIN and not name.startswith("__"):
                self.guards.append(Guard(path.attribute(name), thing))
        own = all(base is object or is_users(base) for base in kind.__mro__)
        if not own or dataclasses.is_dataclass(kind) or type(kind) is not type:
            return kind
        try:
            return shadow_class(self, kind, path)
        except TypeError:
            return kind

    def _super(self, *args: Any) -> Any:
        """`super()`, whose methods run in the shadow as well."""
        if not args:
            frame = sys._getframe(1)
            args = (frame.f_locals["__class__"], frame.f_locals[frame.f_code.co_varnames[0]])
        return ShadowSuper(self, *args)

    def _import(self, name: str, *args: Any, **kwargs: Any) -> Any:
        module = builtins.__import__(name, *args, **kwargs)
        if isinstance(module, types.ModuleType):
            return self.shadow(module, Path(name, name, lambda: module))
        return module

    def _instance(self, original: Any, path: Path) -> Any:
        """A copy of an object: attributes are shadowed when read, writes stay in the copy."""
        try:
            copy = shadow_instance(self, original, path)
        except TypeError:  # a class that cannot be copied so, such as one written in C
            return original
        self._made[id(original)] = (original, copy)
        return copy


def behind_shadow(function: Callable[..., Any]) -> Callable[..., Any]:
    """The user's function itself, where a recorded function passes its shadow on.

    `rg.grad(f)` inside of a recorded function is about f: its arrays are read where it has them.
    """
    while function in _SHADOWS:
        function = function.__wrapped__  # type: ignore[attr-defined]
    return function
