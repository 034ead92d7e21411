"""`retrograd source`: print the backward pass of a user's function."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import typer

from retrograd.errors import UsageError


def source(
    target: Annotated[str, typer.Argument(help="FILE.py:FUNCTION", metavar="FILE.py:FUNCTION")],
    inputs: Annotated[
        str, typer.Option(help="Function in the file that returns the example arguments as a dict.")
    ] = "make_inputs",
    data: Annotated[
        Path | None, typer.Option(help="FILE.npz with the example arguments instead.")
    ] = None,
    wrt: Annotated[
        str | None, typer.Option(help="Arguments to differentiate, such as W1,b1.")
    ] = None,
    rewrite: Annotated[bool, typer.Option(help="Write log(softmax) as one operation.")] = True,
) -> None:
    """Print the value and the gradients of a function as NumPy text."""
    from retrograd.gradient import value_and_grad

    module, function = load_function(target)
    arguments = _from_file(data) if data is not None else _from_function(module, inputs)
    arguments = _fitting(function, arguments)
    names = wrt.split(",") if wrt else _floats(arguments)
    step = value_and_grad(function, wrt=[name.strip() for name in names], rewrite=rewrite)
    typer.echo(step.source(**arguments), nl=False)


def load_function(target: str) -> tuple[ModuleType, Any]:
    """The function that FILE.py:FUNCTION names, and its module.

    Raises:
        UsageError: RG802, no such file or function, or a file that fails when it is run.
    """
    import importlib.util

    path_text, separator, name = target.rpartition(":")
    path = Path(path_text)
    if not separator or not path_text or not name:
        raise UsageError("RG802", f"{target!r} is not of the form FILE.py:FUNCTION")
    if not path.is_file():
        raise UsageError("RG802", f"there is no file {path}")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise UsageError("RG802", f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    sys.path.insert(0, str(path.parent.resolve()))
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise UsageError(
            "RG802", f"{path} fails when it is run: {type(error).__name__}: {error}"
        ) from error
    finally:
        sys.path.pop(0)
    if not callable(getattr(module, name, None)):
        functions = [n for n, f in vars(module).items() if inspect.isfunction(f)]
        raise UsageError(
            "RG802", f"{path} has no function {name}; it has {', '.join(functions) or 'none'}"
        )
    return module, getattr(module, name)


def _from_function(module: ModuleType, name: str) -> dict[str, Any]:
    make = getattr(module, name, None)
    if not callable(make):
        raise UsageError(
            "RG803",
            f"{module.__name__}.py has no function {name} that returns the example arguments",
            help=f'def {name}(): return {{"x": ..., "W": ...}}, --inputs NAME, or --data FILE.npz',
        )
    arguments = make()
    if not isinstance(arguments, dict):
        raise UsageError(
            "RG803", f"{name}() must return a dict of arguments, not a {type(arguments).__name__}"
        )
    return arguments


def _from_file(path: Path) -> dict[str, Any]:
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as file:
            return dict(file.items())
    except (OSError, ValueError, AttributeError, EOFError) as error:
        raise UsageError("RG803", f"{path} is no .npz file of arrays: {error}") from error


def _fitting(function: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments that the function takes.

    Raises:
        UsageError: RG803, one that it needs is missing.
    """
    parameters = inspect.signature(function).parameters.values()
    missing = [
        p.name
        for p in parameters
        if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
        and p.name not in arguments
    ]  # fmt: skip
    if missing:
        raise UsageError(
            "RG803",
            f"the example arguments lack {', '.join(missing)}; "
            f"they are {', '.join(arguments) or 'none'}",
        )
    known = {p.name for p in parameters}
    return {name: value for name, value in arguments.items() if name in known}


def _floats(arguments: dict[str, Any]) -> list[str]:
    """The arguments with floats in them, which have gradients."""
    from retrograd.program import tree_of

    return [
        name
        for name, value in arguments.items()
        if any(
            (getattr(leaf, "dtype", None) is not None and leaf.dtype.kind == "f")
            or type(leaf) is float
            for _, leaf in tree_of(value).leaves()
        )
    ]
