"""The terminal, through rich."""

from __future__ import annotations

import sys

from rich.console import Console


class Terminal(Console):
    """rich's console, where a closed pipe is an error; rich itself would exit with status 1."""

    def on_broken_pipe(self) -> None:
        """Leave it to the command line's own handling."""
        raise BrokenPipeError


def terminal() -> Terminal:
    """Standard output, without highlighting."""
    return Terminal(highlight=False)


def takes_unicode() -> bool:
    """Whether standard output can show characters beyond ASCII."""
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower()
    return encoding.replace("-", "").startswith("utf")
