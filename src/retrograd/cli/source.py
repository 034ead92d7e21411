"""`retrograd source`: print the backward pass of a user's function."""

from __future__ import annotations

import inspect
import sys
import traceback
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any
from zipfile import BadZipFile

import typer

from retrograd.cli.options import Data, Inputs, Target, Wrt, given_names
from retrograd.errors import DataError, RetrogradError, UsageError
from retrograd.program import is_float, tree_of
from retrograd.report import Position


def source(
    target: Target,
    inputs: Inputs = "make_inputs",
    data: Data = None,
    wrt: Wrt = None,
    rewrite: Annotated[bool, typer.Option(help="Write log(softmax) as one operation.")] = True,
) -> None:
    """Print the value and the gradients of a function as NumPy text."""
    from retrograd.gradient import value_and_grad

    with redirect_stdout(sys.stderr):  # what the file prints is not the text
        function, args, kwargs = example(target, inputs, data)
        floats = [n for n, a in _by_name(function, args, kwargs).items() if _has_floats(a)]
        first = list(inspect.signature(function).parameters)[:1]
        chosen = given_names(wrt) or floats or first
        step = value_and_grad(function, wrt=chosen, rewrite=rewrite)
        try:
            text = step.source(*args, **kwargs)
        except RetrogradError:
            raise
        except Exception as error:
            raise stopped(error, target) from error
    typer.echo(text, nl=False)


def example(
    target: str, inputs: str, data: Path | None
) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
    """The function that FILE.py:FUNCTION names, and example arguments for it.

    Raises:
        UsageError: RG802, no such function; RG803, no arguments for it.
    """
    module, function = load_function(target)
    if data is not None:
        arguments = _from_file(data)
    elif callable(getattr(module, inputs, None)) or inputs != "make_inputs":
        arguments = _from_function(module, inputs)
    else:  # a script's own variables
        names = inspect.signature(function).parameters
        arguments = {n: getattr(module, n) for n in names if hasattr(module, n)}
        needed = [n for n, p in names.items() if p.default is p.empty]
        if any(n not in arguments for n in needed):
            arguments = _from_function(module, inputs)
    args, kwargs = _bound(function, arguments)
    return function, args, kwargs


def _by_name(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    return dict(inspect.signature(function).bind_partial(*args, **kwargs).arguments)


def load_function(target: str) -> tuple[ModuleType, Any]:
    """The function that FILE.py:FUNCTION names, and its module.

    Raises:
        UsageError: RG802, no such file or function, or a file that fails when it is run.
    """
    path_text, separator, name = target.rpartition(":")
    path = Path(path_text)
    if not separator or not path_text or not name:
        raise UsageError("RG802", f"{target!r} is not of the form FILE.py:FUNCTION")
    module = load_module(path)
    return module, named_function(module, name)


def named_function(module: ModuleType, name: str) -> Any:
    """A function, or anything else that can be called, of a user's file.

    Raises:
        UsageError: RG802, it has none of this name.
    """
    if not callable(getattr(module, name, None)):
        functions = [n for n, f in vars(module).items() if inspect.isfunction(f)]
        raise UsageError(
            "RG802",
            f"{module.__file__} has no function {name}; it has {', '.join(functions) or 'none'}",
        )
    return getattr(module, name)


def load_module(path: Path) -> ModuleType:
    """A user's file, run.

    Raises:
        UsageError: RG802, no such file, or a file that fails when it is run.
    """
    import importlib.util

    if not path.is_file():
        raise UsageError("RG802", f"there is no file {path}")
    spec = importlib.util.spec_from_file_location(f"_users_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise UsageError("RG802", f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    sys.path.insert(0, str(path.parent.resolve()))
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise UsageError(
            "RG802", f"{path} fails when it is run: {type(error).__name__}: {error}"
        ) from error
    finally:
        sys.path.pop(0)
    return module


def _from_function(module: ModuleType, name: str) -> dict[str, Any]:
    make = getattr(module, name, None)
    if not callable(make):
        raise UsageError(
            "RG803",
            f"{Path(str(module.__file__)).name} has no function {name} "
            "that returns the example arguments",
            help=f'def {name}(): return {{"x": ..., "W": ...}}, --inputs NAME, or --data FILE.npz',
        )
    try:
        arguments = make()
    except (Exception, SystemExit) as error:
        raise UsageError("RG803", f"{name}() fails: {type(error).__name__}: {error}") from error
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
    except (OSError, ValueError, AttributeError, TypeError, EOFError, BadZipFile) as error:
        raise UsageError("RG803", f"{path} is no .npz file of arrays: {error}") from error


def _bound(function: Any, arguments: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments as the function takes them.

    Raises:
        UsageError: RG803, one that it needs is missing.
    """
    signature = inspect.signature(function)
    named = [
        p for p in signature.parameters.values() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    ]
    missing = [p.name for p in named if p.default is p.empty and p.name not in arguments]
    if missing:
        raise UsageError(
            "RG803",
            f"the example arguments lack {', '.join(missing)}; "
            f"they are {', '.join(arguments) or 'none'}",
        )
    bound = signature.bind_partial()
    bound.arguments.update({p.name: arguments[p.name] for p in named if p.name in arguments})
    return bound.args, bound.kwargs


def _has_floats(value: Any) -> bool:
    return any(is_float(leaf) for _, leaf in tree_of(value).leaves())


def stopped(error: Exception, target: str) -> DataError:
    """The user's function itself fails on the example arguments."""
    file = target.rpartition(":")[0]
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.endswith(file)]
    where = None
    if frames:
        last = frames[-1]
        line = last.lineno or 1
        where = Position(last.filename, last.name, line, line, -1, -1)
    return DataError("RG805", f"{target} stops with {type(error).__name__}: {error}", where=where)
