"""A program as a function of its arguments that runs compiled: what `backend="compiled"` calls."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from retrograd.compile.emit import emit
from retrograd.compile.lowered import CannotCompileError, header
from retrograd.compile.module import load
from retrograd.compile.plan import plan
from retrograd.program import Constant, Input, Program, Value

Array = np.ndarray[Any, Any]


def given(program: Program, item: Input, args: Sequence[Any]) -> Any:
    """The array that an input is, for these arguments; a captured one as it is now."""
    if item.leaf is None:
        assert item.read is not None
        return item.read()
    names = [p.name for p in program.parameters]
    thing = args[names.index(item.leaf.parameter)]
    for kind, key in item.leaf.path:
        thing = getattr(thing, key) if kind == "attribute" else thing[key]
    return thing


class CompiledRun:
    """A program as a function of the arguments that its text takes.

    Args:
        program: the program.

    Raises:
        CannotCompileError: RG610, a part of it is no loop and no matrix product, or Numba is not
            there.
    """

    def __init__(self, program: Program) -> None:
        if any(p.kind != "positional" for p in program.parameters):
            raise CannotCompileError("RG610", "its arguments are not all positional")
        self.program = program
        self.lowered = emit(plan(program), "gradient")
        self.source = header(program.name) + self.lowered.source + self.lowered.runner
        self.module = load(self.source)
        self._memory: dict[Any, tuple[int, Array, Any]] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the text returns; its arrays belong to the caller."""
        program, lowered = self.program, self.lowered
        inputs = []
        for item in program.inputs:
            array = np.ascontiguousarray(given(program, item, args))
            inputs.append(array if item.value.shape else array.reshape(())[()])
        key = tuple([np.shape(a) for a in inputs])
        if key not in self._memory:
            length, work, shapes = self.module.gradient_lengths(*inputs)
            self._memory[key] = length, np.empty(max(1, work), lowered.dtype), shapes
        length, work, shapes = self._memory[key]
        out = np.empty(max(1, length), lowered.dtype)
        numbers = self.module.gradient(*inputs, out, work) or ()
        arrays: list[Array] = []
        end = 0
        for shape in shapes:
            size = math.prod(shape)
            arrays.append(out[end : end + size].reshape(shape))
            end += size
        return program.result.build(_leaves(iter(arrays), iter(numbers)))


def _leaves(arrays: Iterator[Array], numbers: Iterator[Any]) -> Callable[[Any], Any]:
    """What stands for each leaf of the result."""

    def leaf(thing: Any) -> Any:
        if isinstance(thing, Value) and thing.shape:
            return next(arrays)
        number = next(numbers)
        if isinstance(thing, Constant):
            return thing.value
        return thing.dtype.type(number) if isinstance(thing, Value) else number

    return leaf
