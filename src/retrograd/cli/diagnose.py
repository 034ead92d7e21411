"""`retrograd diagnose`: which mistake is in a hand-written backward pass, and on which line."""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from retrograd.cli.console import takes_unicode
from retrograd.cli.source import load_module, named_function, stopped
from retrograd.errors import RetrogradError, UsageError

if TYPE_CHECKING:
    from retrograd.diagnosis import Diagnosis

FORMATS = ("full", "concise", "json", "github")


def diagnose(
    target: Annotated[
        str, typer.Argument(help="FILE.py, or FILE.py:CLASS for a layer", metavar="FILE.py[:CLASS]")
    ],
    loss: Annotated[str, typer.Option(help="The function loss(inputs) -> float.")] = "loss",
    grads: Annotated[str, typer.Option(help="The function grads(inputs) -> dict.")] = "grads",
    inputs: Annotated[
        str, typer.Option(help="The function of a seed that returns the inputs; a layer's input.")
    ] = "make_inputs",
    check: Annotated[
        str | None, typer.Option(help="Your own gradient check, check(inputs) -> dict.")
    ] = None,
    step: Annotated[
        str | None, typer.Option(help="A training step, step(inputs), to look at instead.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The seed for the inputs.")] = 0,
    format: Annotated[str, typer.Option(help=f"One of {', '.join(FORMATS)}.")] = "full",
    ascii_only: Annotated[
        bool, typer.Option("--ascii", help="No characters beyond ASCII.")
    ] = False,
) -> None:
    """Name the mistake in a hand-written backward pass. Exit status 1 if there is one."""
    if format not in FORMATS:
        raise UsageError("RG807", f"--format is one of {', '.join(FORMATS)}, not {format!r}")
    file, _, name = target.partition(".py:")
    path = Path(f"{file}.py" if name else target)
    with redirect_stdout(sys.stderr):  # what the file prints is no diagnosis
        module = load_module(path)
        try:
            found = _found(module, name, loss, grads, inputs, check, step, seed)
        except RetrogradError:
            raise
        except Exception as error:
            raise stopped(error, f"{path}:{name or grads}") from error
    text = _text(found, format)
    plain = ascii_only or not takes_unicode()
    typer.echo(text.translate(_ASCII).encode("ascii", "replace").decode() if plain else text)
    if not found.ok or any(f.severity == "error" for f in found.findings):
        raise typer.Exit(1)


def _found(
    module: ModuleType,
    name: str,
    loss: str,
    grads: str,
    inputs: str,
    check: str | None,
    step: str | None,
    seed: int,
) -> Diagnosis:
    import retrograd as rg

    if name:
        layer = _layer(module, name, seed)
        return rg.diagnose_layer(layer, _input(module, inputs, seed, isinstance(layer, type)))
    value, make = named_function(module, loss), named_function(module, inputs)
    if step is not None:
        return rg.diagnose_training(named_function(module, step), value, make, seed=seed)
    own = named_function(module, check) if check is not None else None
    return rg.diagnose(value, named_function(module, grads), make, seed=seed, check=own)


def _layer(module: ModuleType, name: str, seed: int) -> Any:
    """A layer of this class: one that the file makes, or a new one; a PyTorch function as it is.

    Raises:
        UsageError: RG807, there is no such class, or it needs arguments.
    """
    from retrograd.diagnosis.pair import as_pair

    kind = named_function(module, name)
    if callable(getattr(module, "make_layer", None)):
        return module.make_layer(seed)
    if as_pair(kind) is not None:
        return kind
    made = [thing for thing in vars(module).values() if type(thing) is kind]
    if made:
        return made[0]
    try:
        return kind()
    except TypeError as error:
        raise UsageError(
            "RG807",
            f"{name} cannot be made without arguments: {error}",
            help="write def make_layer(seed) in the file, or a variable that holds a layer",
        ) from error


def _input(module: ModuleType, inputs: str, seed: int, pair: bool) -> Any:
    """The layer's input, all of a function's: of the file, or random numbers of shape (6, 4)."""
    import numpy as np

    for name in (inputs, "make_x"):
        if callable(getattr(module, name, None)):
            found = getattr(module, name)(seed)
            several = isinstance(found, dict) and not pair
            return next(iter(found.values())) if several else found
    for name in ("x", "X"):
        if isinstance(getattr(module, name, None), np.ndarray):
            return getattr(module, name)
    return np.random.default_rng(seed).normal(size=(6, 4))


def _text(found: Diagnosis, format: str) -> str:
    if format == "json":
        return json.dumps(found.to_dict(), indent=2)
    if format == "full":
        codes = dict.fromkeys(f.code for f in found.findings)
        more = "".join(f"\nmore: retrograd explain {code}" for code in codes)
        return f"{found}{more}"
    lines = []
    for f in found.findings:
        place = f"{f.where}: " if f.where is not None else ""
        names = f" ({', '.join(f.quantities)})" if f.quantities else ""
        if format == "concise":
            lines.append(f"{place}{f.code} {f.message}{names}")
            continue
        kind = "error" if f.severity == "error" else "warning"
        at = f"file={f.file},line={f.line}," if f.file else ""
        lines.append(f"::{kind} {at}title={f.code}::{_escaped(f.message + names)}")
    if not lines and format == "concise":
        lines.append(f"all {len(found.rows)} gradients are right")
    return "\n".join(lines)


def _escaped(text: str) -> str:
    """A message as GitHub's workflow commands take it."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


_ASCII = {ord("×"): "x", ord("·"): "-", ord("≥"): ">=", ord("∂"): "d"}
