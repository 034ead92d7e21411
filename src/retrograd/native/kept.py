"""Machine code on the disk: what was compiled once is loaded by other processes, without Numba."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import RLock
from typing import Any

from retrograd.errors import CannotCompileError
from retrograd.native.call import Call
from retrograd.native.folder import folder
from retrograd.native.kinds import Kind, kind_of
from retrograd.native.machine_code import Code, read

PRODUCT = "retrograd_product_"  # and a dtype: what machine code calls for matrix products

_IN_MEMORY: dict[str, tuple[int, str]] = {}
_SAID: set[str] = set()
_LOCK = RLock()


class Native:
    """The functions of a text as machine code; each is made, or loaded, when it is first called.

    Args:
        source: the text of a module.
        title: what it computes, to say so when it is compiled.

    Raises:
        CannotCompileError: RG610, Numba is not installed.
    """

    def __init__(self, source: str, title: str) -> None:
        if importlib.util.find_spec("numba") is None:
            raise CannotCompileError("RG610", "Numba is not installed", help="pip install numba")
        self.source, self.title = source, title

    def call(self, function: str, *arguments: Any) -> Call:
        """A function of it with arguments, ready to run."""
        kinds = tuple(map(kind_of, arguments))
        address, returned = self._made(function, kinds)
        return Call(address, kinds, returned, arguments)

    def _made(self, function: str, kinds: tuple[Kind, ...]) -> tuple[int, str]:
        """The address of a function, and the letters of what it returns."""
        name = f"retrograd_{digest(f'{self.source}{function}{kinds}')}"

        def compiled() -> Code:
            from retrograd.native.entry import entry
            from retrograd.native.module import load

            self._say()
            # Numba, too, calls them by name, from what it keeps of its own
            for dtype in {k.dtype for k in kinds if k.ndim} & {"float32", "float64"}:
                product(dtype)
            return entry(load(self.source), function, kinds, name)

        return _in_memory(name, name, compiled)

    def _say(self) -> None:
        """Compiling takes seconds, and that is said."""
        if self.source not in _SAID:
            _SAID.add(self.source)
            said = f"retrograd: compiling {self.title}, once for this kind of program"
            print(said, file=sys.stderr)


def product(dtype: str) -> str:
    """What the function for matrix products is called; it is in memory now.

    Args:
        dtype: "float32" or "float64".
    """
    name = PRODUCT + dtype

    def compiled() -> Code:
        from retrograd.native.product import code

        return code(dtype, name)

    if name not in _IN_MEMORY:
        from retrograd.native.linked import define

        define(name, _in_memory(name, f"{name}_{digest(name)}", compiled)[0])
    return name


def _in_memory(name: str, key: str, compiled: Callable[[], Code]) -> tuple[int, str]:
    """The address of some code, and the letters of what it returns.

    Args:
        name: what it is called as machine code.
        key: what it is called on the disk.
        compiled: makes it.
    """
    with _LOCK:
        if name not in _IN_MEMORY:
            from retrograd.native.linked import linked

            path = folder() / f"{key}.code"
            code = read(path)
            if code is None:
                code = compiled()
                with suppress(OSError):  # a full disk: it is compiled again the next time
                    code.write(path)
            for other in code.needs:
                product(other.removeprefix(PRODUCT))
            _IN_MEMORY[name] = linked(code.machine, name), code.returned
        return _IN_MEMORY[name]


@cache
def _own() -> bytes:
    """A digest of all that machine code depends on beside its text."""
    from retrograd.native.linked import described

    files = sorted(Path(__file__).parent.glob("*.py"))
    parts = described().encode(), *(file.read_bytes() for file in files)
    return hashlib.sha256(b"".join(parts)).digest()


def digest(text: str) -> str:
    """By what something is known that was made of a text, here and now."""
    return hashlib.sha256(_own() + text.encode()).hexdigest()[:24]
