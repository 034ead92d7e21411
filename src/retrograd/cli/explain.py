"""`retrograd explain`: a function's forward and backward pass, line by line, with its numbers."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from typing import Annotated

import typer

from retrograd.cli.console import takes_unicode
from retrograd.cli.options import Data, Inputs, Wrt, given_names
from retrograd.cli.pages import is_code, page
from retrograd.cli.source import example, stopped
from retrograd.errors import RetrogradError, UsageError


def explain(
    target: Annotated[
        str,
        typer.Argument(help="FILE.py:FUNCTION, or a code: RG204", metavar="FILE.py:FUNCTION"),
    ],
    line: Annotated[
        str | None, typer.Option(help="Show one line in full: a name (dz2) or a label (B1).")
    ] = None,
    entry: Annotated[
        str | None, typer.Option(help="With --line: which entry, such as 0 (a row) or 0,2.")
    ] = None,
    inputs: Inputs = "make_inputs",
    data: Data = None,
    wrt: Wrt = None,
    latex: Annotated[bool, typer.Option("--latex", help="Print the lines as LaTeX.")] = False,
    unfused: Annotated[
        bool, typer.Option("--unfused", help="Keep softmax and cross-entropy apart.")
    ] = False,
    ascii_only: Annotated[
        bool, typer.Option("--ascii", help="No characters beyond ASCII.")
    ] = False,
) -> None:
    """Explain a function's backward pass line by line, with the numbers of one run; or a code."""
    if is_code(target):
        typer.echo(page(target))
        return
    from retrograd.explanation import explain as explained

    with redirect_stdout(sys.stderr):  # what the file prints is no explanation
        function, args, kwargs = example(target, inputs, data)
        try:
            explanation = explained(
                function, *args, wrt=given_names(wrt), rewrite=not unfused, **kwargs
            )
        except RetrogradError:
            raise
        except Exception as error:
            raise stopped(error, target) from error
    ascii_only = ascii_only or not takes_unicode()
    if latex:
        typer.echo(explanation.latex())
        return
    if line is not None:
        typer.echo(explanation.line(line, _entry(entry), ascii_only=ascii_only))
        return
    explanation.title = target
    typer.echo(explanation.text(ascii_only=ascii_only))
    first = next((r.label for r in explanation.ran.rows if r.backward), "1")
    typer.echo(f"more: retrograd explain {target} --line {first}     one line in full")


def _entry(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise UsageError(
            "RG806", f"--entry takes whole numbers, such as 0 or 0,2, not {text!r}"
        ) from None
