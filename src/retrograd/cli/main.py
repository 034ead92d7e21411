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
    from retrograd.cli import diagnose, evaluate, explain, source, train

    for command in (
        train.train,
        source.source,
        explain.explain,
        evaluate.evaluate,
        diagnose.diagnose,
    ):
        app.command()(command)
    try:
        status = app(standalone_mode=False)
        sys.stdout.flush()
    except UsageError as error:
        _fail(str(error), 2)
    except RetrogradError as error:
        _fail(str(error), 3)
    except (typer.Abort, KeyboardInterrupt):
        _fail("stopped", 130)
    except BrokenPipeError:  # `| head -1` closed the pipe
        _close_output()
        sys.exit(141)
    except OSError as error:
        _close_output()
        file = f"{error.filename}: " if error.filename else ""
        _fail(f"error: {file}{error.strerror or error}", 3)
    except Exception as error:
        if not hasattr(error, "show") or not hasattr(error, "exit_code"):
            raise
        error.show()  # what the command line itself refuses
        sys.exit(error.exit_code)
    sys.exit(status if isinstance(status, int) else 0)


def _fail(message: str, status: int) -> None:
    print(message, file=sys.stderr)
    sys.exit(status)


def _close_output() -> None:
    """Send what is left to nowhere: a later flush must not fail again."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # standard output is no file here
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
