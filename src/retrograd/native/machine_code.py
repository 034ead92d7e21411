"""Machine code, what it returns and what it calls; and a file of it."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import NamedTuple


class Code(NamedTuple):
    """A function as machine code.

    Attributes:
        machine: the code, an object file.
        returned: a letter for each number that it returns: "d" a float, "q" a whole number.
        needs: the names of other machine code that it calls.
    """

    machine: bytes
    returned: str
    needs: tuple[str, ...]

    def write(self, path: Path) -> None:
        """Into a file that is never seen half written."""
        facts = {"returned": self.returned, "needs": self.needs, "check": _check(self.machine)}
        part = path.with_suffix(f".{os.getpid()}")
        part.write_bytes(json.dumps(facts).encode() + b"\n" + self.machine)
        part.replace(path)


def read(path: Path) -> Code | None:
    """The code in a file; None where there is none, or not all of it."""
    try:
        first, _, machine = path.read_bytes().partition(b"\n")
        facts = json.loads(first)
        if facts["check"] != _check(machine):
            return None
        return Code(machine, facts["returned"], tuple(facts["needs"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _check(machine: bytes) -> str:
    return hashlib.sha256(machine).hexdigest()
