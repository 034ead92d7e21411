"""From a call of a NumPy function, however its arguments are passed, to operands and parameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from retrograd.ops import messages, spelling
from retrograd.ops.symbol import Symbol
from retrograd.ops.table import Op


@cache
def _signature(function: Callable[..., Any]) -> inspect.Signature | None:
    if isinstance(function, np.ufunc):
        return None
    try:
        return inspect.signature(function)
    except (ValueError, TypeError):
        return None


def bind(
    op: Op, function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """The operands and the parameters of a call, as the op's rule names them.

    Raises:
        DifferentiationError: RG402, an argument that the op does not know (such as `where=`).
    """
    signature = _signature(function)
    if signature is None:
        given: dict[str, Any] = dict(kwargs)
        arrays = list(args)
    else:
        bound = signature.bind(*args, **kwargs)
        given = {}
        arrays = []
        wanted = len(op.arrays)
        places = list(signature.parameters)
        for name, value in bound.arguments.items():
            index = places.index(name)
            kind = signature.parameters[name].kind
            if kind is inspect.Parameter.VAR_POSITIONAL:
                arrays += value
            elif kind is inspect.Parameter.VAR_KEYWORD:
                given.update(value)
            elif index < wanted and name not in op.defaults:
                arrays.append(value)
            else:
                given[name] = value
    if op.prepare is not None:
        arrays, given = op.prepare(arrays, given)
    params = {}
    for name, value in given.items():
        if value is np._NoValue:
            continue
        if name in op.defaults:
            params[name] = _parameter(value)
        elif value is not None and not _is_default(function, name, value):
            raise messages.unknown_argument(function, name)
    for name, default in op.defaults.items():
        if name in params and _same(params[name], default):
            del params[name]
    return arrays, params


def _parameter(value: Any) -> Any:
    """A parameter without symbols: what decides a shape or an axis is a plain number."""
    if type(value) is Symbol:
        value = np.asarray(value._plain("an integer")).tolist()
    if isinstance(value, np.integer):
        return int(value)
    if type(value) in (tuple, list):
        return type(value)(_parameter(v) for v in value)
    return value


def _is_default(function: Any, name: str, value: Any) -> bool:
    if name == "order" and value == "F":
        return function in (np.zeros, np.ones, np.full, np.empty, np.eye)  # memory, not values
    return (name, value) in (
        ("casting", "same_kind"),
        ("order", "K"),
        ("order", "C"),
        ("copy", True),
    )


def _same(value: Any, default: Any) -> bool:
    return type(value) is type(default) and bool(value == default)


def unruled(function: Callable[..., Any], kwargs: Mapping[str, Any]) -> Op:
    """An op for a NumPy function that has no rule: it can be computed, not differentiated.

    Its operands are the positional arguments, and then those of `kwargs` that are symbols.
    """
    by_name = [k for k, v in kwargs.items() if type(v) is Symbol]
    module = getattr(function, "__module__", None) or "numpy"
    if isinstance(function, np.ufunc) and getattr(np, function.__name__, None) is not function:
        module = "scipy.special"
    prefix = module.replace("numpy", "np", 1) if module.startswith("numpy") else module
    name = f"{prefix}.{function.__name__}"
    fixed = {k: v for k, v in kwargs.items() if k not in by_name}

    def run(*arrays: Any) -> Any:
        named = dict(zip(by_name, arrays[len(arrays) - len(by_name) :], strict=True))
        return function(*arrays[: len(arrays) - len(by_name)], **fixed, **named)

    def spell(args: Sequence[spelling.Text], params: Mapping[str, str]) -> spelling.Text:
        own, named = args[: len(args) - len(by_name)], args[len(args) - len(by_name) :]
        given = {k: repr(v) for k, v in fixed.items()}
        given |= {k: v.code for k, v in zip(by_name, named, strict=True)}
        return spelling.call(name)(own, given)

    return Op(
        name=name,
        functions=(),
        run=run,
        rule=None,
        derivative="missing",
        view=True,  # it may be
        by_values=True,  # they may
        arrays=("*arrays",),
        defaults={},
        spell=spell,
    )
