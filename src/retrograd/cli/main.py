"""`retrograd`: the commands, and how their errors are shown."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from retrograd.errors import RetrogradError, UsageError

app = typer.Typer(
    name="retrograd",
    help="Neural networks in NumPy whose backward pass you can read.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    """Neural networks in NumPy whose backward pass you can read."""
    if version:
        from retrograd import __version__

        typer.echo(__version__)
        raise typer.Exit()


def main() -> None:
    """Run the command line: exit status 0 fine, 1 findings, 2 usage, 3 an error while running."""
    from retrograd.cli import evaluate, source, train

    for command in (train.train, source.source, evaluate.evaluate):
        app.command()(command)
    try:
        app()
    except UsageError as error:
        _fail(error, 2)
    except RetrogradError as error:
        _fail(error, 3)
    except BrokenPipeError:  # `| head -1` closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)


def _fail(error: RetrogradError, status: int) -> None:
    print(error, file=sys.stderr)
    sys.exit(status)
