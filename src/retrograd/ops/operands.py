"""From what appears in a call to the operands of a step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from retrograd.ops import messages
from retrograd.ops.symbol import Symbol, nested
from retrograd.program import Constant, Operand, Size, SizeOperand, Value

if TYPE_CHECKING:
    from retrograd.ops.recorder import Recorder

LARGEST_CONSTANT = 64  # elements; a larger array becomes a parameter of the written text


def operand_of(recorder: Recorder, thing: Any) -> Operand:
    """The operand of a step for a thing that appears in a call.

    Raises:
        DifferentiationError: RG404, it is no array; RG406, it belongs to an earlier recording.
    """
    kind = type(thing)
    if kind is Symbol:
        if thing.recorder is recorder:
            own: Value = thing.value
            return own
        if not thing.recorder.open:
            raise recorder.failed(messages.stale_symbol(recorder.position()))
        return _captured(recorder, thing)
    if kind is Size:
        resolved = recorder.sizes.resolve(thing.expression)
        constant = resolved.constant
        return Constant(thing.value) if constant is not None else SizeOperand(thing.value, resolved)
    if kind in (int, float, bool, complex) or thing is None:
        return Constant(thing)
    if kind in (Value, Constant, SizeOperand):
        known: Operand = thing
        return known
    if isinstance(thing, list | tuple):
        made = nested(thing)
        small = type(made) is not Symbol and made.size <= LARGEST_CONSTANT
        return Constant(made) if small else operand_of(recorder, made)
    if isinstance(thing, np.ndarray):
        if recorder.capture is not None and not recorder.inside:  # ours are constants
            return _captured(recorder, thing)
        return Constant(thing)
    if isinstance(thing, np.generic):
        return Constant(thing)
    raise messages.foreign_object(thing, recorder.position())


def _captured(recorder: Recorder, thing: Any) -> Value:
    if recorder.capture is None:
        raise messages.stale_symbol(recorder.position())
    return recorder.capture(thing).value
