"""A function of the user's, run once on symbols: every array that it made, and where.

The program is for one set of arrays. Any of them can be replaced, and what depends on it computed
again: so a fix is tried by value, without a second run of the user's code.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from retrograd.diagnosis.probe import quiet
from retrograd.errors import RetrogradError
from retrograd.program import Operand, Program, Step, Value, plain
from retrograd.report import Position
from retrograd.trace import Move, Store, trace

Arrays = Mapping[Value, Any]
CANNOT_RUN = (
    ValueError,
    TypeError,
    LookupError,  # also an array that is not known
    ArithmeticError,
    np.linalg.LinAlgError,
)


class Tape:
    """A program and the arrays of one run of it.

    Args:
        program: the steps.
        data: the arrays of its inputs, by the number of the input.
        calls: the user's lines that were under way as each value was made, by its number.
        written: the numbers of the values of arrays that were written into, before and after.
        moves: the lines that compute nothing and hand something on.
        stores: what assignments left behind.
    """

    def __init__(
        self,
        program: Program,
        data: Mapping[int, Any],
        calls: Mapping[int, tuple[Position, ...]] | None = None,
        written: Sequence[tuple[int, int]] = (),
        moves: Sequence[Move] = (),
        stores: Sequence[Store] = (),
    ) -> None:
        self.program, self.moves, self.stores = program, moves, stores
        self.steps = [s for s in program.steps if not s.op.checks]
        self.place = {step.output: n for n, step in enumerate(self.steps)}
        made = [i.value for i in program.inputs] + [s.output for s in self.steps]
        known = {v.number: v for v in made}
        self.calls = {known[n]: c for n, c in (calls or {}).items() if n in known}
        self.written = [(known[a], known[b]) for a, b in written if a in known and b in known]
        self.inputs = {
            i.value: data[i.value.number] for i in program.inputs if i.value.number in data
        }
        self.fixed: frozenset[Value] = frozenset()  # values that were replaced
        self.params = {s.output: {k: plain(v) for k, v in s.params.items()} for s in self.steps}
        self._runs = [_runner(step, self.params[step.output]) for step in self.steps]
        self.arrays: dict[Value, Any] = {}
        self.arrays = self.again(self.inputs)

    def again(self, changes: Arrays) -> dict[Value, Any]:
        """Every array with some of them replaced; without those that cannot be computed then."""
        known = {**self.arrays, **changes}
        first = min((self.place.get(v, 0) for v in changes), default=0)
        return self._after(first, known, set(changes), {}, self.fixed | set(changes))

    def edited(self, runs: Mapping[Value, Callable[[Arrays], Any]]) -> dict[Value, Any]:
        """Every array with other functions in place of the steps that make some of them."""
        first = min((self.place[v] for v in runs), default=len(self.steps))
        return self._after(first, dict(self.arrays), set(), runs, self.fixed)

    def _after(
        self,
        first: int,
        known: dict[Value, Any],
        changed: set[Value],
        runs: Mapping[Value, Callable[[Arrays], Any]],
        given: frozenset[Value],
    ) -> dict[Value, Any]:
        """What the steps from one on make of what has changed, but for what is given."""
        with np.errstate(all="ignore"):
            for step, (own, inputs) in zip(self.steps[first:], self._runs[first:], strict=True):
                output, run = step.output, runs.get(step.output)
                same = run is None and output in known and changed.isdisjoint(inputs)
                if output in given or same:
                    continue
                changed.add(output)
                try:
                    known[output] = (run or own)(known)
                except CANNOT_RUN:
                    known.pop(output, None)
        return known

    def only(self, values: Sequence[Value]) -> Tape:
        """The tape without the steps that these values do not need."""
        needed, made = self.ancestors(values), copy.copy(self)
        made.__dict__.pop("users", None)
        kept = [n for n, s in enumerate(self.steps) if s.output in needed]
        made.steps = [self.steps[n] for n in kept]
        made._runs = [self._runs[n] for n in kept]
        made.place = {step.output: n for n, step in enumerate(made.steps)}
        return made

    def cut(self, values: Sequence[Value]) -> Tape:
        """The tape with some of its values given, as they are."""
        made = copy.copy(self)
        made.fixed = self.fixed | frozenset(values)
        return made

    def replaced(self, arrays: Arrays) -> Tape:
        """The tape with these arrays in place of its own."""
        made = copy.copy(self)
        made.arrays = dict(arrays)
        made.fixed = self.fixed | frozenset(
            v for v, a in arrays.items() if v in self.place and a is not self.arrays.get(v)
        )
        return made

    def mended(self, changes: Arrays) -> Tape:
        """The tape with some of its values replaced for good."""
        made = copy.copy(self)
        made.arrays = self.again(changes)
        made.fixed = self.fixed | frozenset(changes)
        return made

    def leaf(self, name: str) -> Any:
        """What stands in the function's result under a name; the result itself for ""."""
        tree = self.program.result
        if not name:
            return tree.leaf
        if tree.kind == "dict" and name in tree.keys:
            child = tree.children[tree.keys.index(name)]
            return child.leaf if child.kind == "leaf" else None
        return None

    @cached_property
    def users(self) -> dict[Value, list[Step]]:
        """The steps that take each value."""
        found: dict[Value, list[Step]] = {}
        for step in self.steps:
            for value in dict.fromkeys(step.values()):
                found.setdefault(value, []).append(step)
        return found

    def ancestors(self, values: Sequence[Any]) -> set[Value]:
        """The values that these depend on, themselves included."""
        needed = {v for v in values if isinstance(v, Value)}
        for step in reversed(self.steps):
            if step.output in needed:
                needed.update(step.values())
        return needed

    def array(self, operand: Operand) -> Any:
        """An operand's array; None where it could not be computed."""
        return self.arrays.get(operand) if isinstance(operand, Value) else operand.value


def operands_of(step: Step, known: Arrays) -> list[Any]:
    """What a step takes, from arrays that are known."""
    return [known[i] if isinstance(i, Value) else i.value for i in step.inputs]


def _runner(
    step: Step, params: Mapping[str, Any]
) -> tuple[Callable[[Arrays], Any], tuple[Value, ...]]:
    """A function that runs a step on known arrays, and the values that it takes."""
    run, inputs = step.op.run, step.inputs

    def made(known: Arrays) -> Any:
        operands = [known[i] if type(i) is Value else i.value for i in inputs]  # type: ignore[union-attr]
        return run(*operands, **params)

    return made, tuple(step.values())


def record(
    function: Callable[[Any], Any],
    inputs: Mapping[str, Any],
    reset: Callable[[], None] = lambda: None,
    *,
    watch: bool = False,
) -> Tape | None:
    """The tape of `function(inputs)`, or None where it cannot be recorded.

    Args:
        function: what is recorded.
        inputs: arrays by name.
        reset: called before.
        watch: note the lines that compute nothing.
    """
    reset()
    try:
        signature = inspect.signature(function)
        bound = signature.bind(dict(inputs))
        bound.apply_defaults()
        with quiet():
            recording = trace(function, signature, bound.arguments, once=True, watch=watch)
    except (RetrogradError, *CANNOT_RUN, AttributeError, RecursionError):
        return None
    watched = recording.moves, recording.stores
    return Tape(recording.program, recording.data, recording.calls, recording.written, *watched)
