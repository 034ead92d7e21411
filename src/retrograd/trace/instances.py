"""Shadows of the user's objects: copies whose attributes are shadowed when the code reads them."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from retrograd.trace.paths import MISSING, Guard, Path

if TYPE_CHECKING:
    from retrograd.trace.shadow import World


def shadow_instance(world: World, original: Any, path: Path) -> Any:
    """A copy of an object, of a class made for it.

    Args:
        world: the recording's world.
        original: the user's object; it is not changed.
        path: how the code reached it.

    Raises:
        TypeError: Python cannot make an object of such a class without its constructor.
    """
    kind = type(original)
    members: dict[str, Any] = {
        "__getattribute__": _reader(world, original, path),
        "__setattr__": _writer(world, kind),
        "__module__": kind.__module__,
    }
    for base in kind.__mro__[:-1]:
        for name, found in vars(base).items():
            special = name.startswith("__") and name.endswith("__") and name not in _KEPT
            if special and isinstance(found, types.FunctionType) and name not in members:
                members[name] = _special(world, found)
    made = types.new_class(kind.__name__, (kind,), {}, lambda namespace: namespace.update(members))
    return object.__new__(made)


def shadow_class(world: World, kind: type, path: Path) -> type:
    """A subclass of the user's class whose methods run in the shadow, for objects made in there.

    An object of the user's class still counts as one of its own: `isinstance(model, Net)` holds.

    Raises:
        TypeError: a class that Python does not let be subclassed so.
    """
    members: dict[str, Any] = {"__module__": kind.__module__, "__qualname__": kind.__qualname__}
    for base in reversed(kind.__mro__[:-1]):
        for name, found in vars(base).items():
            if name not in _KEPT:
                shadowed = _member(world, found)
                if isinstance(found, np.ndarray | list | dict | set) and not name.startswith("__"):
                    shadowed = world.shadow(found, path.attribute(name))
                if shadowed is not None:
                    members[name] = shadowed
    meta = type(kind)

    def counts(cls: type, thing: Any) -> bool:
        return meta.__instancecheck__(kind, thing)

    shadow_meta = type(meta.__name__, (meta,), {"__instancecheck__": counts})
    return types.new_class(
        kind.__name__, (kind,), {"metaclass": shadow_meta}, lambda space: space.update(members)
    )


class ShadowSuper:
    """What `super()` gives in the shadow: the next class's attributes, methods shadowed."""

    def __init__(self, world: World, kind: type, thing: Any) -> None:
        self._world = world
        self._kind = kind
        self._thing = thing

    def __getattribute__(self, name: str) -> Any:
        if name in ("_world", "_kind", "_thing"):
            return object.__getattribute__(self, name)
        thing = self._thing
        order = (thing if isinstance(thing, type) else type(thing)).__mro__
        for base in order[order.index(self._kind) + 1 :]:
            member = _member(self._world, vars(base)[name]) if name in vars(base) else None
            if member is not None:
                owner = thing if isinstance(thing, type) else type(thing)
                return member.__get__(None if thing is owner else thing, owner)
            if name in vars(base):
                break
        return getattr(super(self._kind, thing), name)


_KEPT = (
    "__new__", "__init_subclass__", "__class_getitem__", "__getattribute__", "__setattr__",
    "__del__", "__reduce__", "__reduce_ex__", "__getstate__", "__setstate__",
)  # fmt: skip


def _member(world: World, found: Any) -> Any:
    """A method, static method, class method or property in the shadow; None for anything else."""
    if isinstance(found, types.FunctionType):
        return world.method_function(found)
    inner = getattr(found, "__func__", None) or getattr(found, "fget", None)
    if not isinstance(inner, types.FunctionType):
        return None
    made = world.method_function(inner)
    if isinstance(found, property):
        return property(made, found.fset, found.fdel)
    return type(found)(made) if isinstance(found, staticmethod | classmethod) else None


def _reader(world: World, original: Any, path: Path) -> Callable[[Any, str], Any]:
    kind = type(original)
    state = state_of(original)

    def load(own: dict[str, Any], name: str) -> Any:
        own[name] = world.shadow(state[name], path.attribute(name, state.get("number")))
        return own[name]

    def read(self: Any, name: str) -> Any:
        own = object.__getattribute__(self, "__dict__")
        if name == "__dict__":
            for key in state:
                if key not in own:
                    load(own, key)
            return {k: v for k, v in own.items() if k != _WRITTEN}
        if name.startswith("__") and name.endswith("__"):
            return object.__getattribute__(self, name)
        found = class_attribute(kind, name)
        if name in own and not isinstance(found, property):
            return own[name]
        if name in state and not isinstance(found, property):
            return load(own, name)
        return _of_class(world, self, found, name, original, path)

    return read


def _of_class(world: World, self: Any, found: Any, name: str, original: Any, path: Path) -> Any:
    """An attribute that the class has: methods run in the shadow, data is guarded."""
    if found is None:
        try:
            return object.__getattribute__(self, name)
        except AttributeError:
            world.guards.append(Guard(path.attribute(name), MISSING))
            raise
    if isinstance(found, types.FunctionType):
        return types.MethodType(world.method_function(found), self)
    if isinstance(found, staticmethod) and isinstance(found.__func__, types.FunctionType):
        return world.method_function(found.__func__)
    if isinstance(found, classmethod) and isinstance(found.__func__, types.FunctionType):
        return types.MethodType(world.method_function(found.__func__), type(self))
    if isinstance(found, property) and isinstance(found.fget, types.FunctionType):
        return world.method_function(found.fget)(self)
    if isinstance(found, np.ndarray | list | dict | tuple | set | int | float | str | type(None)):
        return world.shadow(getattr(original, name), path.attribute(name))
    return object.__getattribute__(self, name)


def _writer(world: World, kind: type) -> Callable[[Any, str, Any], None]:
    def write(self: Any, name: str, value: Any) -> None:
        found = class_attribute(kind, name)
        if isinstance(found, property):
            object.__setattr__(self, name, value)
            return
        own = object.__getattribute__(self, "__dict__")
        if name in own and own[name] is not value and name not in _written(own):
            world.changes(f"it changes the attribute {name} that it has read")
        _written(own).add(name)
        own[name] = value

    return write


def _written(own: dict[str, Any]) -> set[str]:
    """The attributes that the recorded code has written, beside the copy's own."""
    written: set[str] = own.setdefault(_WRITTEN, set())
    return written


_WRITTEN = "_retrograd_written"


def state_of(thing: Any) -> dict[str, Any]:
    """An object's attributes, those in slots included."""
    state = dict(getattr(thing, "__dict__", {}))
    for base in type(thing).__mro__:
        slots = base.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__") and hasattr(thing, name):
                state[name] = getattr(thing, name)
    return state


def _special(world: World, function: types.FunctionType) -> Callable[..., Any]:
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return world.method_function(function)(self, *args, **kwargs)

    return call


def class_attribute(kind: type, name: str) -> Any:
    """What a class or one of its bases holds under a name, or None."""
    for base in kind.__mro__:
        if name in base.__dict__:
            return base.__dict__[name]
    return None
