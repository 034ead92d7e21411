"""A program as a function of its arguments that runs compiled: what `backend="compiled"` calls."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from retrograd.compile.emit import emit
from retrograd.compile.lowered import header
from retrograd.compile.plan import plan
from retrograd.errors import CannotCompileError
from retrograd.native.kept import Native, product
from retrograd.native.kinds import kind_of, simple
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
        parts = self.lowered.source, self.lowered.lengths, self.lowered.runner
        self.source = header(program.name) + "".join(parts)
        self.native = Native(self.source, program.name)
        self._ready: dict[Any, Callable[..., tuple[Sequence[Array], Sequence[Any]]]] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the text returns; its arrays belong to the caller."""
        inputs = []
        for item in self.program.inputs:
            array = simple(given(self.program, item, args))
            inputs.append(array if item.value.shape else array[()])
        key = tuple([(np.shape(a), kind_of(a)) for a in inputs])
        if key not in self._ready:
            make = self._whole if self.lowered.whole else self._in_parts
            self._ready[key] = make(inputs)
        arrays, numbers = self._ready[key](*inputs)
        return self.program.result.build(_leaves(iter(arrays), iter(numbers)))

    def _whole(self, inputs: Sequence[Any]) -> Any:
        """All of it as machine code, for inputs of these shapes."""
        length, work, shapes = self.lowered.sizes(*inputs)
        memory = (np.empty(max(1, n), self.lowered.dtype) for n in (length, work))
        call = self.native.call("gradient", *inputs, *memory)

        def run(*inputs: Any) -> tuple[list[Array], Sequence[Any]]:
            for n, array in enumerate(inputs):
                call.set(n, array)
            out = np.empty(max(1, length), self.lowered.dtype)
            call.set(len(inputs), out)
            return _parts(out, shapes), call()

        return run

    def _in_parts(self, inputs: Sequence[Any]) -> Any:
        """Its loops as machine code, the other lines as NumPy."""
        from retrograd.native.module import load

        product(self.lowered.dtype.name)
        module = load(self.source)
        length, work, shapes = self.lowered.sizes(*inputs)
        memory = np.empty(max(1, work), self.lowered.dtype)

        def run(*inputs: Any) -> tuple[list[Array], Sequence[Any]]:
            out = np.empty(max(1, length), self.lowered.dtype)
            numbers = module.gradient(*inputs, out, memory) or ()
            return _parts(out, shapes), numbers

        return run


def _parts(out: Array, shapes: Sequence[tuple[int, ...]]) -> list[Array]:
    """Arrays that follow each other in memory."""
    arrays, end = [], 0
    for shape in shapes:
        size = math.prod(shape)
        arrays.append(out[end : end + size].reshape(shape))
        end += size
    return arrays


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
