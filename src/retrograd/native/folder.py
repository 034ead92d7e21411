"""Where compiled programs are kept on the disk."""

from __future__ import annotations

import atexit
import os
import sys
import tempfile
from functools import cache
from pathlib import Path


def folder() -> Path:
    """RETROGRAD_CACHE, or the user's folder for caches; one for this process where it is closed."""
    own = os.environ.get("RETROGRAD_CACHE")
    if own:
        found = Path(own)
    elif sys.platform == "win32":
        found = Path(os.environ.get("LOCALAPPDATA", Path.home())) / "retrograd" / "Cache"
    elif sys.platform == "darwin":
        found = Path.home() / "Library" / "Caches" / "retrograd"
    else:
        found = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "retrograd"
    try:
        found.mkdir(parents=True, exist_ok=True)
    except OSError:
        return _own()
    return found if os.access(found, os.W_OK) else _own()


@cache
def _own() -> Path:
    """A folder for this process alone."""
    made = tempfile.TemporaryDirectory(prefix="retrograd_", ignore_cleanup_errors=True)
    atexit.register(made.cleanup)
    return Path(made.name)
