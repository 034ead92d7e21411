"""Modules in the shadow: the user's own, NumPy, SciPy and math."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from retrograd.ops import TABLE, Recorder, Symbol, holds, nested
from retrograd.ops.table import COMPOSED
from retrograd.trace.numpy_shadow import creator, of_numpy
from retrograd.trace.origin import CHANGING_MODULES, PlainDraws, is_users_module
from retrograd.trace.paths import Path

if TYPE_CHECKING:
    from retrograd.trace.shadow import World


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


def shadow_module(world: World, module: types.ModuleType, path: Path) -> Any:
    """What the recorded code gets instead of a module."""
    name = module.__name__
    top = name.partition(".")[0]
    recorder = world.recorder
    if name == "numpy":
        return ShadowModule(module, lambda name: _numpy(world, name), world.changes)
    if name == "math":
        of_math = functools.partial(_of_math, recorder)
        return ShadowModule(module, of_math, world.changes)
    if top == "scipy":

        def of_scipy(name: str) -> Any:
            found = getattr(module, name)
            if isinstance(found, types.ModuleType):
                return shadow_module(world, found, path.attribute(name))
            return of_library(recorder, found) or found

        return ShadowModule(module, of_scipy, world.changes)
    if top in CHANGING_MODULES or name.startswith("numpy.random"):
        world.changes(f"it uses the module {top}")
    if not is_users_module(module):
        return module
    return ShadowModule(
        module,
        lambda name: world.shadow(getattr(module, name), path.attribute(name)),
        world.changes,
    )


def _numpy(world: World, name: str) -> Any:
    if name == "random":
        world.changes("it draws random numbers")
        return PlainDraws(np.random)
    return _part_of_numpy(world, getattr(np, name))


def _part_of_numpy(world: World, found: Any) -> Any:
    if not isinstance(found, types.ModuleType):
        return of_numpy(world.recorder, found)
    attribute: Callable[[str], Any] = lambda name: _part_of_numpy(world, getattr(found, name))  # noqa: E731
    return ShadowModule(found, attribute, world.changes)


def _of_math(recorder: Recorder, name: str) -> Any:
    import math

    found = getattr(math, name)
    return creator(recorder, found) or found


def of_library(recorder: Recorder, value: Any) -> Any:
    """The recording version of a library's function that is an operation; None for the rest."""
    if isinstance(value, np.ufunc | type) or not callable(value):
        return None
    try:
        known = value in COMPOSED or TABLE.find(value) is not None
    except TypeError:  # not hashable
        return None
    module = getattr(value, "__module__", None) or ""
    if not known or not module.startswith("scipy"):
        return None

    @functools.wraps(value)
    def call(*args: Any, **kwargs: Any) -> Any:
        if holds([*args, *kwargs.values()], Symbol):
            args = tuple(nested(a) if isinstance(a, list | tuple) else a for a in args)
            return recorder.call(value, args, kwargs)
        return value(*args, **kwargs)

    return call
