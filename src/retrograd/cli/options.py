"""What `retrograd source` and `retrograd explain` are given."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Target = Annotated[str, typer.Argument(help="FILE.py:FUNCTION", metavar="FILE.py:FUNCTION")]
Inputs = Annotated[
    str, typer.Option(help="Function in the file that returns the example arguments as a dict.")
]
Data = Annotated[Path | None, typer.Option(help="FILE.npz with the example arguments instead.")]
Wrt = Annotated[str | None, typer.Option(help="Arguments to differentiate, such as W1,b1.")]


def given_names(wrt: str | None) -> list[str] | None:
    """The names in `--wrt W1,b1`; None where it is not given."""
    return [name.strip() for name in wrt.split(",")] if wrt else None
