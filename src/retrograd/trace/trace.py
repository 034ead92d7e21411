"""trace: the user's function → Program."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from retrograd.errors import DifferentiationError, RetrogradError
from retrograd.ops import Place, Recorder, Symbol, messages
from retrograd.program import (
    Constant,
    Input,
    Leaf,
    Parameter,
    Position,
    Program,
    Tree,
    Value,
    tree_of,
)
from retrograd.trace.arguments import (
    array_of,
    default_text,
    defined_at,
    know_scipy,
    name_of,
    refuse_unusual,
)
from retrograd.trace.frames import asserts, formats, place_of, positions, raised_at, user_frame
from retrograd.trace.namespace import ShadowGlobals
from retrograd.trace.paths import Guard, Path
from retrograd.trace.resolve import resolved
from retrograd.trace.shadow import World
from retrograd.trace.watch import Move, Store, Watch

_KINDS: dict[Any, str] = {
    inspect.Parameter.VAR_POSITIONAL: "*",
    inspect.Parameter.VAR_KEYWORD: "**",
    inspect.Parameter.KEYWORD_ONLY: "keyword",
}


@dataclass(frozen=True)
class Recording:
    """What came of running a function on symbols.

    Attributes:
        program: the steps.
        guards: what the recording found outside of its arguments.
        every_call: why the function must be recorded at every call, or None.
        writes_inputs: whether it writes into its arguments or captured arrays, so that it matters
            whether two of them share their memory.
        data: the arrays that it was recorded with, by the number of the input.
        calls: with `once`, the user's lines that were under way as each value was made, by its
            number, the innermost first.
        written: the numbers of the values of arrays that were written into, before and after.
        moves: if asked for, the lines that compute nothing and hand something on.
        stores: if asked for, what assignments left behind.
    """

    program: Program
    guards: tuple[Guard, ...]
    every_call: str | None
    writes_inputs: bool = False
    data: Mapping[int, Any] = field(default_factory=dict)
    calls: Mapping[int, tuple[Position, ...]] = field(default_factory=dict)
    written: tuple[tuple[int, int], ...] = ()
    moves: tuple[Move, ...] = ()
    stores: tuple[Store, ...] = ()


def is_array(thing: Any) -> bool:
    """Whether an argument is an array (or float) that a program takes as an input."""
    return type(thing) in (np.ndarray, float, Symbol) or isinstance(thing, np.generic | np.ndarray)


def trace(
    function: Callable[..., Any],
    signature: inspect.Signature,
    arguments: Mapping[str, Any],
    differentiated: frozenset[str] | None = None,
    *,
    once: bool = False,
    watch: bool = False,
) -> Recording:
    """Run a function's shadow on symbols.

    Args:
        function: what to record.
        signature: its signature.
        arguments: one argument for each of its parameters, as `BoundArguments.arguments`; further
            ones become inputs that the function does not see.
        differentiated: the arguments and captured arrays that gradients are taken of; None: all.
            The others are data: a branch on them is recorded at every call.
        once: the program is for these very arrays: their values may decide anything.
        watch: note the lines that compute nothing.

    Raises:
        RetrogradError: what stopped the recording, also if the function's own `except` caught it.
    """
    return _Tracer(function, differentiated, once, watch).run(signature, arguments)


class _Tracer:
    def __init__(
        self,
        function: Callable[..., Any],
        differentiated: frozenset[str] | None,
        once: bool,
        watch: bool = False,
    ) -> None:
        self.function = function
        self.differentiated = differentiated
        self.inputs: list[Input] = []
        self.captured: dict[int, tuple[Any, Symbol]] = {}
        self.defaults: frozenset[str] = frozenset()  # arguments that were not given
        self.written: list[Any] = []  # arrays of the user's into which the recorded code writes
        self.recorder = Recorder(self._locate, self._capture)
        self.watch = Watch(self.recorder) if watch else None
        self.world = World(self.recorder, self._capture)
        self.recorder.depend = self.world.depend
        self.recorder.changes = self.world.changes
        self.recorder.overwrites = self._overwrites
        self.recorder.prints = (lambda: True) if once else self._prints
        self.recorder.once = once
        self.stacks: dict[int, tuple[Position, ...]] | None = {} if once else None

    def run(self, signature: inspect.Signature, arguments: Mapping[str, Any]) -> Recording:
        self.defaults = getattr(arguments, "defaults", frozenset())
        trees = {name: tree_of(value, name) for name, value in arguments.items()}
        symbols = {name: tree.map(self._argument) for name, tree in trees.items()}
        bound = signature.bind_partial()
        own = {n: t.build() for n, t in symbols.items() if n in signature.parameters}
        bound.arguments.update(own)
        function = self.function
        refuse_unusual(function)
        know_scipy()
        if isinstance(function, types.FunctionType):
            shadow = self.world.function(function)
        else:
            here = Path("", name_of(function), lambda: function)
            shadow = self.world.shadow(function, here)
        with self.recorder.recording():
            try:
                with self.watch.watching() if self.watch else nullcontext():
                    result = shadow(*bound.args, **bound.kwargs)
            except RetrogradError as error:  # of a layer or a loss: say where it was called
                raise error.at(raised_at(error, ShadowGlobals)) from error.__cause__
            self.world.finish()
            if self.recorder.failure is not None:
                raise self.recorder.failure
            result_tree = tree_of(result).map(lambda pair: self._result(pair[1]))
            self.recorder.settle(result_tree.leaves())
        parameters = tuple(
            self._parameter(name, tree, signature.parameters.get(name))
            for name, tree in trees.items()
        )
        program = Program(
            name=name_of(self.function),
            parameters=parameters,
            inputs=tuple(self.inputs),
            steps=tuple(self.recorder.steps),
            result=result_tree,
            names=self.recorder.names,
            gradient_of={},
            defined=defined_at(inspect.unwrap(function)),
            known=dict(self.recorder.known),
        )
        return Recording(
            resolved(program, self.recorder),
            tuple(self.world.guards),
            self.world.every_call,
            bool(self.written),
            {i.value.number: self.recorder.data[i.value] for i in self.inputs},
            self._calls(),
            tuple((old.number, new.number) for old, new in self.recorder.written),
            *((tuple(self.watch.moves), tuple(self.watch.stores)) if self.watch else ((), ())),
        )

    def _calls(self) -> dict[int, tuple[Position, ...]]:
        stacks = self.stacks or {}
        return {
            s.output.number: stacks[n] for n, s in enumerate(self.recorder.steps) if n in stacks
        }

    # inputs
    def _argument(self, pair: tuple[Leaf, Any]) -> Any:
        leaf, thing = pair
        if is_array(thing):
            symbol = self.recorder.input(array_of(thing), None if leaf.path else leaf.parameter)
            self._note_data(symbol, thing, leaf.parameter)
            self._note_default(symbol, thing, leaf.parameter)
            self.inputs.append(Input(symbol.value, leaf=leaf))
            return symbol
        path = Path(leaf.text, leaf.name, lambda: thing)
        return thing if isinstance(thing, type) else self.world.shadow(thing, path)

    def _parameter(self, name: str, tree: Tree, found: inspect.Parameter | None) -> Parameter:
        if found is None:
            return Parameter(name, tree.map(self._parameter_leaf))
        kind, default = _KINDS.get(found.kind, "positional"), default_text(found.default)
        return Parameter(name, tree.map(self._parameter_leaf), kind, default)

    def _parameter_leaf(self, pair: tuple[Leaf, Any]) -> tuple[Leaf, Any]:
        leaf, thing = pair
        value = next((i.value for i in self.inputs if i.leaf == leaf), None)
        return (leaf, thing if value is None else value)

    def _capture(self, array: Any, path: Path | None = None) -> Symbol:
        """An input for an array that is no argument; without a path its origin is unknown."""
        known = self.captured.get(id(array))
        if known is not None and known[0] is array:
            return known[1]
        if path is None:
            if type(array) is not Symbol:
                self.world.changes("it uses an array of unknown origin")
            name = self._local_name(array) or "array"
            path = Path(name, name, lambda: array)
        data = array_of(array)
        if any(np.shares_memory(data, written) for written in self.written):
            raise self._shared()
        symbol = self.recorder.input(data)
        self.recorder.names[symbol.value] = path.name
        self._note_data(symbol, array, path.text, path.name)
        self.captured[id(array)] = (array, symbol)
        self.inputs.append(Input(symbol.value, captured=path.text, read=path.read))
        return symbol

    def _note_data(self, symbol: Symbol, thing: Any, *names: str) -> None:
        """What no gradient is taken of may decide something."""
        if type(thing) is Symbol:
            data = thing.value in thing.recorder.discrete
        else:
            data = self.differentiated is not None and not self.differentiated & {*names}
        if data:
            self.recorder.discrete.add(symbol.value)
        elif type(thing) is Symbol:
            self.recorder.discrete.discard(symbol.value)

    def _note_default(self, symbol: Symbol, thing: Any, name: str) -> None:
        """A number that was not given stays what it is until another one is."""
        recorder = self.recorder
        if name in self.defaults and (
            self.differentiated is None or name not in self.differentiated
        ):
            recorder.discrete.add(symbol.value)
            recorder.assumed.add(symbol.value)
        elif type(thing) is Symbol and thing.value in thing.recorder.assumed:
            recorder.assumed.add(symbol.value)

    def _prints(self) -> bool:
        frame = user_frame(ShadowGlobals, depth=3)
        if frame is None:
            return False
        code, last = frame.f_code, frame.f_lasti
        return formats(code, last) or asserts(code, last)

    def _overwrites(self, value: Value) -> None:
        """A write into the memory of an input: nothing else that is recorded may share it."""
        if all(value is not i.value for i in self.inputs):
            return
        data = self.recorder.data[value]
        outer = any(s.value is value and type(a) is Symbol for a, s in self.captured.values())
        others = (self.recorder.data[i.value] for i in self.inputs if i.value is not value)
        if outer or any(np.shares_memory(data, other) for other in others):
            raise self._shared()
        self.written.append(data)

    def _shared(self) -> Exception:
        where = self.recorder.position()
        what = "an array that shares its memory with another one outside"
        return self.recorder.failed(messages.write_into_array(where, what))

    def _local_name(self, thing: Any) -> str | None:
        frame = user_frame(ShadowGlobals)
        found = frame.f_locals.items() if frame is not None else ()
        return next((name for name, value in found if value is thing), None)

    def _result(self, thing: Any) -> Any:
        if thing is None or type(thing) in (str, bytes):
            return Constant(thing)
        try:
            return self.recorder.operand(thing)
        except DifferentiationError:
            return Constant(thing)

    def _locate(self) -> Place | None:
        frame = user_frame(ShadowGlobals, depth=3)
        if frame is None:
            return None
        self._name_leaves(frame.f_locals)
        if self.stacks is not None:
            self.stacks[len(self.recorder.steps)] = positions(frame, ShadowGlobals)
        return place_of(frame, ShadowGlobals)

    def _name_leaves(self, variables: Mapping[str, Any]) -> None:
        """Items of containers take the name of the variable that they are unpacked into."""
        names = self.recorder.names
        unnamed = [i.value for i in self.inputs if i.value not in names]
        if not unnamed:
            return
        for name, thing in variables.items():
            if type(thing) is Symbol and thing.value in unnamed and name != "self":
                names.setdefault(thing.value, name)
