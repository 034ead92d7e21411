"""Whose code is it: the user's, which is recorded line by line, or a library's."""

from __future__ import annotations

import dis
import sysconfig
import types
from typing import Any

import numpy as np

from retrograd.program import plain

_LIBRARIES = frozenset(
    {"numpy", "scipy", "numba", "sklearn", "pandas", "jax", "torch", "autograd", "matplotlib"}
)
_STANDARD_LIBRARY = sysconfig.get_paths()["stdlib"]
_OWN_LAYERS = tuple(
    f"retrograd.{name}" for name in ("layers", "losses", "activations", "optimizers")
)
CHANGING_MODULES = frozenset({"random", "time", "secrets", "datetime", "uuid"})


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


def is_users_module(module: types.ModuleType) -> bool:
    """Whether a module is the user's own code; ours, too, as far as it is recorded line by line."""
    if module.__name__ == "retrograd" or module.__name__.startswith(_OWN_LAYERS):
        return True
    top = module.__name__.partition(".")[0]
    file = getattr(module, "__file__", None) or ""
    standard = file.startswith(_STANDARD_LIBRARY) and "site-packages" not in file
    return bool(file) and not standard and top not in _LIBRARIES and top != "retrograd"


def draws(thing: Any) -> bool:
    """Whether a thing gives another value each time: a random generator, a clock, their methods."""
    if isinstance(thing, np.random.Generator | np.random.RandomState):
        return True
    if isinstance(thing, type) or not callable(thing):
        return type(thing).__module__ == "random"
    owner = getattr(thing, "__self__", None)
    modules = [getattr(thing, "__module__", None) or "", type(owner).__module__]
    return any(
        m.partition(".")[0] in CHANGING_MODULES or m.startswith("numpy.random") for m in modules
    )


class PlainDraws:
    """A random generator (or numpy.random) whose methods get plain numbers for sizes."""

    def __init__(self, source: Any) -> None:
        self.__dict__["_source"] = source

    def __getattr__(self, name: str) -> Any:
        """Its method, given plain numbers; anything else as it is."""
        found = getattr(self._source, name)
        if isinstance(found, type) or not callable(found):
            return found

        def draw(*args: Any, **kwargs: Any) -> Any:
            made = found(*(plain(a) for a in args), **{k: plain(v) for k, v in kwargs.items()})
            return PlainDraws(made) if draws(made) else made

        return draw


def writes_outside(code: types.CodeType, own: frozenset[str] = frozenset()) -> str | None:
    """What a function, or one inside it, writes outside of itself; None if nothing."""
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("STORE_GLOBAL", "DELETE_GLOBAL"):
            return "it writes a global variable"
        free = instruction.argval in code.co_freevars and instruction.argval not in own
        if instruction.opname == "STORE_DEREF" and free:
            return "it writes a variable of an enclosing function"
    inner = (c for c in code.co_consts if isinstance(c, types.CodeType))
    below = own | frozenset(code.co_cellvars)
    return next((w for c in inner if (w := writes_outside(c, below)) is not None), None)
