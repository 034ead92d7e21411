"""The command line: one file per command."""

from retrograd.cli.main import main

__all__ = ["main"]
