"""One step of an optimizer as loops: the optimizer's own code, recorded like the user's."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from retrograd.compile import Lowered, emit, plan
from retrograd.errors import CannotCompileError, DifferentiationError
from retrograd.gradient import finished, recognized
from retrograd.optimizers import Optimizer
from retrograd.program import Value
from retrograd.recorded import signature_of
from retrograd.rewrite import for_loops
from retrograd.trace import trace

Array = np.ndarray[Any, Any]


def lowered_update(optimizer: Optimizer, dtype: Any) -> tuple[dict[str, Array], Lowered]:
    """What an optimizer keeps, and one step of it as loops.

    Raises:
        CannotCompileError: RG610, a step that decides by its number.
    """
    state: dict[str, Array] = {}
    same: dict[str, str] = {}
    for name, thing in vars(optimizer).items():
        if isinstance(thing, np.ndarray):
            first = next((n for n, a in state.items() if a is thing), None)
            if first is None:
                state[name] = thing
            else:
                same[name] = first
    bare = copy.copy(optimizer)
    for name in (*state, *same):
        delattr(bare, name)

    def update(
        parameters: Any, gradient: Any, state: Any, learning_rate: float, steps: float
    ) -> Any:
        moved = copy.copy(bare)
        for name, thing in state.items():
            setattr(moved, name, thing)
        for name in same:
            setattr(moved, name, state[same[name]])
        moved.learning_rate, moved.steps = learning_rate, steps  # type: ignore[assignment]
        moved.move(parameters, gradient)
        return parameters, {name: getattr(moved, name) for name in state}

    sample = np.linspace(0.5, 1.0, 3, dtype=dtype)
    own = {name: np.full(3, 0.25 + 0.1 * n, dtype) for n, name in enumerate(state)}
    signature = signature_of(update)
    bound = signature.bind(sample, sample.copy(), own, 0.01, 3.0)
    try:
        recording = trace(update, signature, bound.arguments)
    except DifferentiationError as error:
        raise CannotCompileError(
            "RG610", f"{type(optimizer).__name__} decides by numbers"
        ) from error
    program = finished(recognized(recording.program), recording.program.result)
    leaves = [v for v in program.result.leaves() if isinstance(v, Value)]
    inputs = [i.value for i in program.inputs]
    written = [inputs[0], *inputs[2 : 2 + len(state)]]
    in_place = dict(zip(leaves, written, strict=True))
    return state, emit(plan(for_loops(program)), "update", in_place, apart=True)
