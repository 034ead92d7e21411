"""Text → a module whose functions Numba compiles at their first call, or has on the disk."""

from __future__ import annotations

import importlib.util
import os
import sys
import sysconfig
from types import ModuleType

from retrograd.native.folder import folder
from retrograd.native.kept import digest

_LOADED: dict[str, ModuleType] = {}


def load(source: str) -> ModuleType:
    """The module of a text."""
    name = f"retrograd_{digest(f'{sys.version}{sysconfig.get_platform()}{source}')}"
    if name in _LOADED:
        return _LOADED[name]
    path = folder() / f"{name}.py"
    if not path.exists() or path.read_text(encoding="utf-8") != source:
        part = path.with_suffix(f".{os.getpid()}")
        part.write_text(source, encoding="utf-8")
        part.replace(path)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where Numba looks for what it loads from the disk
    spec.loader.exec_module(module)
    _LOADED[name] = module
    return module
