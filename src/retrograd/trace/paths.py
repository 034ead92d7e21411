"""Paths: how recorded code reached something outside of it, so that it can be read again.

The recording depends on what it found there. A path reads it as it is now; `Guard` says whether it
is still what the recording assumed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import CellType
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Path:
    """A way to something.

    Attributes:
        text: how the user's code says it, such as `model.layers[0].W`.
        name: a variable name for it.
        read: gets it as it is now.
    """

    text: str
    name: str
    read: Callable[[], Any]

    def attribute(self, name: str, number: object = None) -> Path:
        """The way to an attribute of what is here, the object with that number if it has one."""
        read = self.read
        variable = f"{name}{number}" if type(number) is int else name
        return Path(f"{self.text}.{name}", variable, lambda: getattr(read(), name))

    def item(self, key: Any) -> Path:
        """The way to an item of what is here."""
        read = self.read
        name = key if isinstance(key, str) and key.isidentifier() else self.name
        return Path(f"{self.text}[{key!r}]", name, lambda: read()[key])


def global_path(namespace: dict[str, Any], name: str) -> Path:
    """The way to a module-level name."""
    return Path(name, name, lambda: namespace[name])


def cell_path(cell: CellType, name: str) -> Path:
    """The way to a variable of an enclosing function."""
    return Path(name, name, lambda: cell.cell_contents)


@dataclass(frozen=True)
class Guard:
    """What a recording found at a path, and whether it is still so."""

    path: Path
    found: Any

    def holds(self) -> bool:
        """Whether a new recording is not needed on this account."""
        found = self.found
        try:
            now = self.path.read()
        except Exception:  # whatever stood there is gone
            return found is MISSING
        if isinstance(found, SameAs):
            return found.path.read() is now
        if isinstance(found, ArrayLike):
            return (
                isinstance(now, np.ndarray)
                and now.shape == found.shape
                and now.dtype == found.dtype
                and now.flags.c_contiguous == found.contiguous
            )
        if now is found:
            return True
        if type(found) in (int, float, str, bool, complex):
            return type(now) is type(found) and bool(now == found)
        if isinstance(found, Contents):
            return contents_of(now) == found
        return False


@dataclass(frozen=True)
class ArrayLike:
    """An array was found: shape, dtype and layout count, its contents are read at each call."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    contiguous: bool = True


@dataclass(frozen=True)
class Contents:
    """A container was found: its kind, its length, and keys or members in order."""

    kind: type
    keys: tuple[Any, ...]


def contents_of(container: Any) -> Contents:
    """What a container holds; the items of lists and dicts have guards of their own."""
    kind = type(container)
    if isinstance(container, dict):
        return Contents(kind, tuple(container))
    if isinstance(container, set | frozenset):
        return Contents(kind, tuple(sorted(container, key=repr)))
    return Contents(kind, (len(container),))


@dataclass(frozen=True)
class SameAs:
    """The very object was found that is also at another path."""

    path: Path


class _Missing:
    """Nothing was found: an attribute that is not there."""


MISSING = _Missing()


def items_by_identity(container: Any) -> list[tuple[Any, int]]:
    """What a container holds, by identity."""
    if isinstance(container, set | frozenset):
        return sorted((None, hash(item)) for item in container)
    pairs = container.items() if isinstance(container, dict) else enumerate(container)
    return [(key, id(item)) for key, item in pairs]
