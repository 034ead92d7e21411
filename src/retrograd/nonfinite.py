"""Where numbers stop being finite: the first line of a run whose result is inf or NaN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from retrograd.errors import NumericsError
from retrograd.pairing import Evidence, where_of
from retrograd.program import Program, Step, Value


def is_finite(thing: Any) -> bool:
    """Whether all floats in arrays, in tuples, lists and dicts, are finite."""
    if isinstance(thing, tuple | list):
        return all(map(is_finite, thing))
    if isinstance(thing, dict):
        return all(map(is_finite, thing.values()))
    if isinstance(thing, np.ndarray | np.generic | float):
        array = np.asarray(thing)
        return array.dtype.kind != "f" or bool(np.isfinite(array).all())
    return True


def first_nonfinite(program: Program, arguments: Mapping[str, Any]) -> NumericsError | None:
    """RG301 for the first line whose result is not finite though its operands are.

    Args:
        program: what is run.
        arguments: the function's arguments by name; captured arrays are read as they are now.

    Returns:
        The error, with the user's line, the entry, and the operands there; None if all is finite.
    """
    data = {}
    for item in program.inputs:
        if item.leaf is not None:
            found = item.leaf.get(arguments[item.leaf.parameter])
        else:
            found = item.read() if item.read is not None else None
        if found is None:
            continue
        data[item.value.number] = found
        if not is_finite(found):
            name = program.names.get(item.value, "an argument")
            place = _place(np.asarray(found))
            return NumericsError("RG301", f"{name}{place} is not finite, as given")
    evidence = Evidence(program, data, ())
    for step in program.steps:
        result = evidence.arrays.get(step.output)
        if result is None or is_finite(result):
            continue
        operands = [evidence.array(i) for i in step.inputs]
        if all(o is None or is_finite(o) for o in operands):
            return _error(evidence, step, np.asarray(result), operands)
    return None


def _place(array: Any) -> str:
    """The first entry that is not finite, such as `[3, 0]`."""
    if not array.ndim:
        return ""
    return str([int(i) for i in np.argwhere(~np.isfinite(array))[0]])


def _error(evidence: Evidence, step: Step, result: Any, operands: list[Any]) -> NumericsError:
    program = evidence.program
    place = tuple(np.argwhere(~np.isfinite(result))[0])
    made = result[place]
    if step.output in program.gradient_of:
        named = f"the gradient of {program.names.get(program.gradient_of[step.output], 'a value')}"
    elif step.forward is not None:
        named = "a gradient"
    else:
        named = evidence.name(step.output)
    notes = []
    for operand, array in zip(step.inputs, operands, strict=True):
        if array is None or np.asarray(array).dtype.kind not in "fiu":
            continue
        array = np.asarray(array)
        name = evidence.name(operand) if isinstance(operand, Value) else "the number"
        at = _matching(array, place, result.shape)
        if at is not None:
            notes.append(f"{name} is {array[at]:.6g} there, of shape {array.shape}")
        elif array.size:
            notes.append(f"{name} has values from {array.min():.6g} to {array.max():.6g}")
    where = where_of(step) or (where_of(step.forward) if step.forward is not None else None)
    shown = f"{named}{_place(result)}"
    backward = " in the backward pass of this line" if step.forward is not None else ""
    return NumericsError(
        "RG301",
        f"{shown} is {made}, the first that is not finite: np.{step.op.name} made it{backward}",
        where=where,
        notes=notes,
        help=_help(step.op.name),
    )


def _matching(array: Any, place: tuple[Any, ...], shape: tuple[int, ...]) -> Any:
    """The entry of an operand that went into an entry of the result, by broadcasting."""
    if array.ndim > len(shape):
        return None
    own = shape[len(shape) - array.ndim :]
    if any(n not in (1, m) for n, m in zip(array.shape, own, strict=True)):
        return None
    behind = place[len(shape) - array.ndim :]
    return tuple(0 if n == 1 else int(i) for n, i in zip(array.shape, behind, strict=True))


def _help(name: str) -> str:
    return {
        "log": "np.log(p) of a softmax is exact as rg.activations.log_softmax(z), for any z",
        "divide": "a divisor that can be 0: np.where(d == 0, 1, d), where the result is not needed",
        "exp": "subtract the largest first: np.exp(z - z.max(axis=1, keepdims=True))",
        "sqrt": "a slope of sqrt is infinite at 0: np.sqrt(x + 1e-12)",
    }.get(name, "")
