"""Whether an array of the user's is a right quantity of the forward pass, or its gradient."""

from __future__ import annotations

import numpy as np

from retrograd.diagnosis.forward import Forward
from retrograd.diagnosis.tape import Tape
from retrograd.program import Value


def is_right(value: Value, tape: Tape, forward: Forward, *, values_only: bool = False) -> bool:
    """Whether an array of the user's is a right quantity, but for a number.

    Args:
        value: the array.
        tape: the user's backward pass.
        forward: the forward pass.
        values_only: whether only arrays of the forward pass count, not their gradients.
    """
    array = np.asarray(tape.arrays[value])
    if array.dtype.kind != "f" or array.size < 2:
        return False
    catalogue = forward.catalogue
    if any(True for _ in catalogue.same(array, True, kind="values" if values_only else "all")):
        return True
    return not values_only and catalogue.is_part(array)
