"""Whose code is it: the user's, which is recorded line by line, or a library's."""

from __future__ import annotations

import sysconfig
import types
from typing import Any

_LIBRARIES = frozenset(
    {"numpy", "scipy", "numba", "sklearn", "pandas", "jax", "torch", "autograd", "matplotlib"}
)
_STANDARD_LIBRARY = sysconfig.get_paths()["stdlib"]
_OWN_LAYERS = ("retrograd.layers", "retrograd.losses", "retrograd.activations")


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
    """Whether a module is the user's own code."""
    top = module.__name__.partition(".")[0]
    file = getattr(module, "__file__", None) or ""
    standard = file.startswith(_STANDARD_LIBRARY) and "site-packages" not in file
    return bool(file) and not standard and top not in _LIBRARIES and top != "retrograd"
