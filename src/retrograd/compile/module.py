"""Text → compiled functions, kept on disk: a second process with the same program loads them."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
import sysconfig
from pathlib import Path
from types import ModuleType

from retrograd.compile.lowered import CannotCompileError

_CALLED = ("functions.py", "gemm.py", "waiting.py")
_KEPT: dict[str, ModuleType] = {}


def load(source: str) -> ModuleType:
    """The module of a text; its functions compile at their first call, or come from the disk.

    Raises:
        CannotCompileError: RG610, Numba is not installed.
    """
    name = f"retrograd_{_digest(source)}"
    known = _KEPT.get(name)
    if known is not None:
        return known
    if importlib.util.find_spec("numba") is None:
        raise CannotCompileError("RG610", "Numba is not installed", help="pip install numba scipy")
    path = _folder() / f"{name}.py"
    if not path.exists() or path.read_text(encoding="utf-8") != source:
        part = path.with_suffix(f".{os.getpid()}")
        part.write_text(source, encoding="utf-8")
        part.replace(path)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where Numba looks for what it loads from the disk
    spec.loader.exec_module(module)
    _KEPT[name] = module
    return module


def is_compiled(source: str) -> bool:
    """Whether a text has been compiled before, in this process or in another one."""
    name = f"retrograd_{_digest(source)}"
    return name in _KEPT or any((_folder() / "__pycache__").glob(f"{name}.*.nbi"))


def _digest(source: str) -> str:
    own = Path(__file__).parent
    functions = b"".join((own / name).read_bytes() for name in _CALLED)
    tag = f"{sys.version}{sysconfig.get_platform()}".encode()
    return hashlib.sha256(source.encode() + functions + tag).hexdigest()[:24]


def _folder() -> Path:
    """Where compiled programs are kept: RETROGRAD_CACHE, or the user's folder for caches."""
    own = os.environ.get("RETROGRAD_CACHE")
    if own:
        found = Path(own)
    elif sys.platform == "win32":
        found = Path(os.environ.get("LOCALAPPDATA", Path.home())) / "retrograd" / "Cache"
    elif sys.platform == "darwin":
        found = Path.home() / "Library" / "Caches" / "retrograd"
    else:
        found = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "retrograd"
    found.mkdir(parents=True, exist_ok=True)
    return found
