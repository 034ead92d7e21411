"""The shadow of a function: the same code, whose world is a copy with symbols for arrays.

Globals, closure cells, containers and objects are replaced lazily by copies when the code reaches
them. What the code writes goes to the copies; nothing of the user's is changed. Whatever it reaches
is remembered with a guard, so that a change of it leads to a new recording.
"""

from __future__ import annotations

import builtins
import dis
import functools
import sysconfig
import types
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from retrograd.ops import Recorder, Symbol
from retrograd.trace.frames import target, user_frame
from retrograd.trace.numpy_shadow import CREATORS, ShadowModule, shadow_len
from retrograd.trace.paths import ArrayLike, Guard, Length, Path, cell_path, global_path

_PLAIN = (int, float, complex, bool, str, bytes, type(None))
_LIBRARIES = frozenset(
    {"numpy", "scipy", "numba", "sklearn", "pandas", "jax", "torch", "autograd", "matplotlib"}
)
_CHANGING_MODULES = frozenset({"random", "time", "secrets", "datetime", "uuid"})
_STANDARD_LIBRARY = sysconfig.get_paths()["stdlib"]
_OWN_LAYERS = ("retrograd.layers", "retrograd.losses", "retrograd.activations")


_SHADOWS: weakref.WeakSet[Callable[..., Any]] = weakref.WeakSet()  # shadows of other recordings


class ShadowGlobals(dict[str, Any]):
    """A function's globals while it is recorded; LOAD_GLOBAL honours a dict subclass."""

    def __init__(self, world: World, real: dict[str, Any]) -> None:
        super().__init__()
        self.world = world
        self.real = real
        self["__builtins__"] = world.builtins

    def __missing__(self, name: str) -> Any:
        value = self.real[name]  # KeyError: Python looks among the builtins
        made = self.world.shadow(value, global_path(self.real, name))
        self[name] = made
        return made


def is_users(thing: Any) -> bool:
    """Whether a function or class is code to be recorded line by line, not a library's."""
    module = getattr(thing, "__module__", None) or ""
    top = module.partition(".")[0]
    if top == "retrograd":
        return module.startswith(_OWN_LAYERS)
    if top in _LIBRARIES:
        return False
    code = getattr(thing, "__code__", None)
    if code is not None:
        file = code.co_filename
        return not file.startswith("<frozen") and not (
            file.startswith(_STANDARD_LIBRARY) and "site-packages" not in file
        )
    return top not in ("builtins", "functools", "collections", "typing", "abc")


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
        self._made: dict[int, tuple[Any, Any]] = {}  # by id; the first keeps the original alive
        self.builtins = {**vars(builtins), "len": shadow_len, "__import__": self._import}

    def shadow(self, value: Any, path: Path) -> Any:
        """What the recorded code gets instead of `value`."""
        kind = type(value)
        if kind in _PLAIN:
            self.guards.append(Guard(path, value))
            return value
        known = self._made.get(id(value))
        if known is not None and known[0] is value:
            return known[1]
        made = self._make(value, path)
        self._made[id(value)] = (value, made)
        return made

    def _make(self, value: Any, path: Path) -> Any:
        kind = type(value)
        if kind is Symbol and value.recorder is self.recorder:
            return value
        if kind is Symbol or kind is np.ndarray or isinstance(value, np.generic):
            self.guards.append(Guard(path, ArrayLike(value.shape, value.dtype)))
            return self.capture(value, path)
        if kind in (list, tuple, dict):
            return self._container(value, path)
        self.guards.append(Guard(path, value))
        if kind is types.ModuleType:
            return self._module(value, path)
        creator = self._creator(value)
        if creator is not None:
            return creator
        if kind is types.FunctionType:
            return self.function(value) if is_users(value) and value not in _SHADOWS else value
        if kind is types.MethodType:
            return self._method(value, path)
        if kind is functools.partial:
            return self._partial(value, path)
        if isinstance(value, np.random.Generator | np.random.RandomState):
            self.changes("it uses a random generator")
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
        path = Path(function.__name__, function.__name__, lambda: function)
        inner.__defaults__ = (
            self._container(function.__defaults__, path) if function.__defaults__ else None
        )
        if function.__kwdefaults__:
            inner.__kwdefaults__ = self._container(function.__kwdefaults__, path)
        if any(i.opname in ("STORE_GLOBAL", "DELETE_GLOBAL") for i in dis.get_instructions(inner)):
            self.changes("it writes a global variable")
        return call

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
        function = method.__func__
        if isinstance(function, types.FunctionType) and is_users(function):
            return types.MethodType(self.function(function), owner)
        return types.MethodType(function, owner)

    def _partial(self, value: functools.partial[Any], path: Path) -> Any:
        function = self.shadow(value.func, path.attribute("func"))
        args = self.shadow(value.args, path.attribute("args"))
        keywords = self.shadow(value.keywords, path.attribute("keywords"))
        return functools.partial(function, *args, **keywords)

    # containers, modules and objects
    def _container(self, value: Any, path: Path) -> Any:
        self.guards.append(Guard(path, Length(len(value))))
        if isinstance(value, dict):
            return {k: self.shadow(v, path.item(k)) for k, v in value.items()}
        made = [self.shadow(v, path.item(i)) for i, v in enumerate(value)]
        return tuple(made) if isinstance(value, tuple) else made

    def _creator(self, value: Any) -> Any:
        try:
            make = CREATORS.get(value)
        except TypeError:  # not hashable
            return None
        return None if make is None else functools.partial(make, self.recorder)

    def _module(self, module: types.ModuleType, path: Path) -> Any:
        top = module.__name__.partition(".")[0]
        if module.__name__ == "numpy":
            return ShadowModule(module, lambda name: self._numpy(name))
        if top in _CHANGING_MODULES:
            self.changes(f"it uses the module {top}")
        file = getattr(module, "__file__", None) or ""
        standard = file.startswith(_STANDARD_LIBRARY) and "site-packages" not in file
        if not file or standard or top in _LIBRARIES or top == "retrograd":
            return module
        return ShadowModule(
            module, lambda name: self.shadow(getattr(module, name), path.attribute(name))
        )

    def _numpy(self, name: str) -> Any:
        value = getattr(np, name)
        if name == "random":
            self.changes("it draws random numbers")
        return self._creator(value) or value

    def _import(self, name: str, *args: Any, **kwargs: Any) -> Any:
        module = builtins.__import__(name, *args, **kwargs)
        if isinstance(module, types.ModuleType):
            return self.shadow(module, Path(name, name, lambda: module))
        return module

    def _instance(self, original: Any, path: Path) -> Any:
        """A copy of an object: attributes are shadowed when read, writes stay here."""
        kind = type(original)
        state = getattr(original, "__dict__", None)
        if state is None:
            return original
        world = self

        def getattribute(self: Any, name: str) -> Any:
            if name.startswith("__") and name.endswith("__"):
                return object.__getattribute__(self, name)
            own = object.__getattribute__(self, "__dict__")
            if name in own:
                return own[name]
            found = _class_attribute(kind, name)
            if name in state and not isinstance(found, property):
                own[name] = world.shadow(state[name], path.attribute(name, state.get("number")))
                return own[name]
            if isinstance(found, types.FunctionType) and is_users(found):
                return types.MethodType(world.function(found), self)
            if isinstance(found, property) and isinstance(found.fget, types.FunctionType):
                return world.function(found.fget)(self)
            if isinstance(found, np.ndarray | list | dict | tuple) or type(found) in _PLAIN:
                return world.shadow(getattr(original, name), path.attribute(name))
            return object.__getattribute__(self, name)

        members: dict[str, Any] = {"__getattribute__": getattribute, "__module__": kind.__module__}
        for name in ("__call__", "__len__", "__getitem__", "__iter__", "__matmul__", "__add__"):
            found = _class_attribute(kind, name)
            if isinstance(found, types.FunctionType) and is_users(found):
                members[name] = _special(world, found)
        copy: Any = object.__new__(
            types.new_class(kind.__name__, (kind,), {}, lambda ns: ns.update(members))
        )
        self._made[id(original)] = (original, copy)
        return copy


def _special(world: World, function: types.FunctionType) -> Callable[..., Any]:
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return world.function(function)(self, *args, **kwargs)

    return call


def _class_attribute(kind: type, name: str) -> Any:
    for base in kind.__mro__:
        if name in base.__dict__:
            return base.__dict__[name]
    return None
