"""A training step made ready for batches of one shape: compiled, or as NumPy text."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from operator import attrgetter, getitem, is_
from typing import Any, Protocol

import numpy as np

from retrograd.compile import (
    Line,
    Lowered,
    Plan,
    driver,
    emit,
    emit_shared,
    emit_timed,
    given,
    plan,
)
from retrograd.compiled.crew import Crew, useful_threads
from retrograd.compiled.profile import Profile, of_items
from retrograd.compiled.running import OneStep, Steps
from retrograd.compiled.update import lowered_update
from retrograd.errors import ArgumentError, CannotCompileError
from retrograd.gradient import Gradient
from retrograd.native.kept import Native
from retrograd.native.kinds import is_simple, simple
from retrograd.optimizers import Optimizer
from retrograd.program import Input, Program, Value
from retrograd.rewrite import for_loops

Array = np.ndarray[Any, Any]


class Stepping(Protocol):
    """What a step knows: its gradient, its optimizer, and how a batch becomes arguments."""

    gradient: Gradient
    optimizer: Optimizer
    threads: int | None

    def crew(self, threads: int) -> Crew:
        """The threads that run it, if there are several."""

    def arguments(self, batch: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments of the loss."""

    def as_batch(self, array: Array) -> Array:
        """A batch in the dtype in which it is computed."""


class Whole:
    """A compiled step for batches of one shape: the functions, and the memory they work in.

    Raises:
        CannotCompileError: RG610, a part of it has no compiled form.
        ArgumentError: RG601, an array is there twice among the parameters.
    """

    def __init__(self, step: Stepping, batch: tuple[Any, ...]) -> None:
        batch = tuple([simple(a) if np.ndim(a) else a for a in batch])
        arguments = step.arguments(batch)
        entry = step.gradient.entry(*arguments)
        if entry.every_call is not None:
            raise CannotCompileError("RG610", f"it is recorded at every call: {entry.every_call}")
        program = entry.program
        planned = plan(for_loops(program))
        if not planned.is_whole:
            raise _no_form(planned)
        arrays = [given(program, i, arguments) for i in program.inputs]
        names = [p.name for p in program.parameters]
        first = len(arguments) - len(batch)
        places = [
            n
            for n, i in enumerate(program.inputs)
            if i.leaf is not None and names.index(i.leaf.parameter) >= first
        ]
        values = [program.inputs[n].value for n in places]
        threads = useful_threads(planned) if step.threads is None else step.threads
        lowered = _lowered(planned, values, threads)
        trained = _trained(program, lowered)
        self.held = [
            (i, a)
            for n, (i, a) in enumerate(zip(program.inputs, arrays, strict=True))
            if n not in places
        ]
        if any(isinstance(a, np.ndarray) and not is_simple(a) for _, a in self.held):
            raise CannotCompileError("RG610", "a parameter is not contiguous in memory")
        if not all(arrays[n].flags.writeable for n in trained):
            raise ArgumentError("RG601", "a parameter is read-only", help="give a copy of it")
        filled = [arrays[n].ctypes.data for n in trained if arrays[n].size]
        if len(set(filled)) < len(filled):
            raise ArgumentError(
                "RG601",
                "two of the parameters are the same array, and each would get half of the gradient",
                help="give it once, and use it twice in the loss",
            )
        self.program, self.guards, self.arguments = program, entry.guards, step.arguments
        self.optimizer = step.optimizer
        if self.optimizer.steps == 0:
            self.optimizer.begin(np.concatenate([np.ravel(arrays[n]) for n in trained]))
        state, update = lowered_update(self.optimizer, lowered.dtype)
        if update.buffers and threads > 1:  # it works in memory of its own, which is there once
            threads, lowered = 1, _lowered(planned, values, 1)
        self.plan, self.written, self.arrays, self.state = planned, entry.written, arrays, state
        self.title, self.update = f"A step of {program.name}", update
        self.places, self.trained = places, trained
        self.source = self._text(lowered)
        self.native = Native(self.source, program.name)
        self.crew = step.crew(threads) if threads > 1 else None
        parts = () if self.crew is None else (self.crew.parts,)
        lengths = lowered.sizes(*arrays, *parts)[:2]
        out, work = (np.zeros(max(1, n), lowered.dtype) for n in lengths)
        self.rest = (*(a for _, a in self.held), out, work, *state.values())
        self.stepping: OneStep | None = None
        self.epochs: dict[Any, Steps] = {}
        self.readers = [(_reader(i, program, step), a) for i, a in self.held]
        # what an optimizer's step reads beside its rate and its number, which are arguments
        names = [n for n in vars(self.optimizer) if n not in ("learning_rate", "steps")]
        self.look = attrgetter(*names, "__class__")
        self.settings = self.look(self.optimizer)
        self.batch = values

    def _text(self, lowered: Lowered) -> str:
        """The module of a step."""
        rest = self.places, self.trained, list(self.state)
        return driver(self.title, lowered, self.update, *rest)

    def profile(self, size: int, data: Sequence[Array]) -> Profile:
        """Where the time of a step goes; nothing is changed."""
        lowered = emit_timed(self.plan, "gradient")
        native = Native(self._text(lowered), f"the profile of {self.program.name}")
        lengths = lowered.sizes(*self.arrays)[:2]
        memory = (np.zeros(max(1, n), lowered.dtype) for n in lengths)
        held = (np.copy(a) if np.ndim(a) else a for _, a in self.held)
        rest = *held, *memory, *(a.copy() for a in self.state.values())
        order = np.arange(len(data[0]) // size * size)
        rows, rate = self._memory(size, data), self.optimizer.learning_rate

        def run(times: Array) -> int:
            native.call("epoch", order, size, *data, *rows, *rest, rate, 1.0, times)()
            return len(order) // size

        return of_items(self.plan.items, self.written, type(self.optimizer).__name__, run)

    def holds(self) -> bool:
        """Whether all that was read when it was made is still the same: arrays and settings."""
        for guard in self.guards:
            if not guard.holds():
                return False
        for read, array in self.readers:
            if read() is not array:
                return False
        return all(map(is_, self.look(self.optimizer), self.settings))

    def step(self, batch: tuple[Any, ...]) -> float:
        """The loss before the step."""
        optimizer = self.optimizer
        steps = optimizer.steps + 1
        if self.stepping is None:
            self.stepping = OneStep(self.native, self.crew, batch, self.rest)
        loss = self.stepping(batch, optimizer.learning_rate, steps)
        if math.isfinite(loss):
            optimizer.steps = steps
        return loss

    def epoch(self, order: Array, size: int, data: Sequence[Array]) -> tuple[float, int]:
        """The mean loss, and the row at which it was not finite; -1 where it was."""
        optimizer = self.optimizer
        first = order, size, *data
        key = size, *[(a.dtype, a.ndim) for a in data]
        if key not in self.epochs:
            rest = *self._memory(size, data), *self.rest
            self.epochs[key] = Steps(self.native, self.crew, first, rest)
        count, rate = len(order) // size, optimizer.learning_rate
        loss, failed = self.epochs[key](count, first, rate, optimizer.steps + 1)
        optimizer.steps += -(-(len(order) if failed < 0 else failed) // size)
        return loss, failed

    def _memory(self, size: int, data: Sequence[Array]) -> tuple[Array, ...]:
        """For the rows of a batch."""
        flat = [(size, math.prod(a.shape[1:])) if a.ndim > 1 else (size,) for a in data]
        pairs = zip(flat, self.batch, strict=True)
        return tuple(np.zeros(shape, value.dtype) for shape, value in pairs)


def _lowered(planned: Plan, batch: Sequence[Value], threads: int) -> Lowered:
    if threads > 1:
        return emit_shared(planned, "gradient", batch)
    return emit(planned, "gradient")


def _no_form(planned: Plan) -> CannotCompileError:
    """Which lines have no compiled form."""
    steps = [item.step for item in planned.items if isinstance(item, Line)]
    where = next((s.where for s in steps if s.where is not None), None)
    found = ", ".join(dict.fromkeys(s.op.name for s in steps))
    return CannotCompileError(
        "RG610",
        f"no loop over rows and no matrix product: {found}",
        where=where,
        help="step(...) runs it as NumPy text, with the same numbers",
    )


def _reader(item: Input, program: Program, step: Stepping) -> Callable[[], Any]:
    """What reads an input that is not of the batch as it is now."""
    if item.leaf is None:
        assert item.read is not None
        read: Callable[[], Any] = item.read
        return read
    own = step.arguments(())
    if len(item.leaf.path) == 1 and item.leaf.path[0][0] != "attribute" and len(own) == 1:
        return partial(getitem, own[0], item.leaf.path[0][1])
    return partial(given, program, item, own)


def _trained(program: Program, lowered: Lowered) -> list[int]:
    """The inputs whose gradients the program returns, in their order."""
    places = {i.value: n for n, i in enumerate(program.inputs)}
    found = []
    for value in lowered.results:
        of = program.gradient_of.get(value)
        if of not in places:
            raise CannotCompileError("RG610", "a result is no gradient of a parameter")
        found.append(places[of])
    return found
