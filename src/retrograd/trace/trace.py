"""trace: the user's function → Program."""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from retrograd.errors import DifferentiationError
from retrograd.ops import Place, Recorder, Symbol, messages
from retrograd.program import (
    Constant,
    Expression,
    Input,
    Leaf,
    Operand,
    Parameter,
    Position,
    Program,
    Size,
    SizeOperand,
    Step,
    Tree,
    Value,
    tree_of,
)
from retrograd.trace.frames import formats, place_of, user_frame
from retrograd.trace.namespace import ShadowGlobals
from retrograd.trace.paths import Guard, Path
from retrograd.trace.shadow import World

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
    """

    program: Program
    guards: tuple[Guard, ...]
    every_call: str | None


def is_array(thing: Any) -> bool:
    """Whether an argument is an array (or float) that a program takes as an input."""
    return type(thing) in (np.ndarray, float, Symbol) or isinstance(thing, np.generic | np.ndarray)


def trace(
    function: Callable[..., Any], signature: inspect.Signature, arguments: Mapping[str, Any]
) -> Recording:
    """Run a function's shadow on symbols.

    Args:
        function: what to record.
        signature: its signature.
        arguments: one argument for each of its parameters, as `BoundArguments.arguments`; further
            ones become inputs that the function does not see.

    Raises:
        RetrogradError: what stopped the recording, also if the function's own `except` caught it.
    """
    return _Tracer(function).run(signature, arguments)


class _Tracer:
    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.inputs: list[Input] = []
        self.captured: dict[int, tuple[Any, Symbol]] = {}
        self.written: list[Any] = []  # arrays of the user's into which the recorded code writes
        self.recorder = Recorder(self._locate, self._capture)
        self.world = World(self.recorder, self._capture)
        self.recorder.depend = self.world.depend
        self.recorder.changes = self.world.changes
        self.recorder.overwrites = self._overwrites
        self.recorder.prints = self._prints

    def run(self, signature: inspect.Signature, arguments: Mapping[str, Any]) -> Recording:
        trees = {name: tree_of(value, name) for name, value in arguments.items()}
        symbols = {name: tree.map(self._argument) for name, tree in trees.items()}
        bound = signature.bind_partial()
        own = {n: t.build() for n, t in symbols.items() if n in signature.parameters}
        bound.arguments.update(own)
        function = self.function
        _refuse_unusual(function)
        if "scipy.special" in sys.modules:  # its functions are operations once it is there
            import retrograd.ops.special  # noqa: F401
        if isinstance(function, types.FunctionType):
            shadow = self.world.function(function)
        else:
            here = Path("", _name_of(function), lambda: function)
            shadow = self.world.shadow(function, here)
        with self.recorder.recording():
            result = shadow(*bound.args, **bound.kwargs)
            self.world.finish()
            if self.recorder.failure is not None:
                raise self.recorder.failure
            result_tree = tree_of(result).map(lambda pair: self._result(pair[1]))
        parameters = tuple(
            self._parameter(name, tree, signature.parameters.get(name))
            for name, tree in trees.items()
        )
        program = Program(
            name=_name_of(self.function),
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
            _resolved(program, self.recorder), tuple(self.world.guards), self.world.every_call
        )

    # inputs
    def _argument(self, pair: tuple[Leaf, Any]) -> Any:
        leaf, thing = pair
        if is_array(thing):
            symbol = self.recorder.input(_array_of(thing), None if leaf.path else leaf.parameter)
            self.inputs.append(Input(symbol.value, leaf=leaf))
            return symbol
        path = Path(leaf.text, leaf.name, lambda: thing)
        return thing if isinstance(thing, type) else self.world.shadow(thing, path)

    def _parameter(self, name: str, tree: Tree, found: inspect.Parameter | None) -> Parameter:
        if found is None:
            return Parameter(name, tree.map(self._parameter_leaf))
        kind, default = _KINDS.get(found.kind, "positional"), _default_text(found.default)
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
        data = _array_of(array)
        if any(np.shares_memory(data, written) for written in self.written):
            raise self._shared()
        symbol = self.recorder.input(data)
        self.recorder.names[symbol.value] = path.name
        self.captured[id(array)] = (array, symbol)
        self.inputs.append(Input(symbol.value, captured=path.text, read=path.read))
        return symbol

    def _prints(self) -> bool:
        frame = user_frame(ShadowGlobals, depth=3)
        return frame is not None and formats(frame.f_code, frame.f_lasti)

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


def _refuse_unusual(function: Callable[..., Any]) -> None:
    kinds = {
        "a generator": inspect.isgeneratorfunction,
        "async": inspect.iscoroutinefunction,
        "an async generator": inspect.isasyncgenfunction,
    }
    for kind, test in kinds.items():
        if test(function):
            raise DifferentiationError(
                "RG404",
                f"{_name_of(function)} is {kind} function, which cannot be recorded",
                where=defined_at(function),
                help="differentiate a plain function that returns the number",
            )


def defined_at(function: Callable[..., Any]) -> Position | None:
    """The line on which a function is defined, if it is Python."""
    code = getattr(function, "__code__", None)
    if code is None:
        return None
    return Position(
        code.co_filename, code.co_name, code.co_firstlineno, code.co_firstlineno, -1, -1
    )


def _array_of(thing: Any) -> Any:
    if type(thing) is Symbol:
        return thing.recorder.data[thing.value]
    return thing if type(thing) is float or isinstance(thing, np.ndarray) else np.asarray(thing)[()]


def _name_of(function: Callable[..., Any]) -> str:
    name = getattr(function, "__name__", None) or type(function).__name__
    return str(name) if str(name).isidentifier() else "f"


def _default_text(default: Any) -> str | None:
    return repr(default) if type(default) in (int, float, bool, str, type(None)) else None


def _resolved(program: Program, recorder: Recorder) -> Program:
    """The program with every size in terms of the dims that are still free."""
    book = recorder.sizes
    values: dict[Value, Value] = {}

    def of_value(value: Value) -> Value:
        if value not in values:
            values[value] = replace(value, sizes=tuple(book.resolve(s) for s in value.sizes))
        return values[value]

    def of_operand(operand: Any) -> Any:
        if isinstance(operand, Value):
            return of_value(operand)
        if isinstance(operand, SizeOperand):
            expression = book.resolve(operand.expression)
            return (
                replace(operand, expression=expression)
                if expression.constant is None
                else Constant(operand.value)
            )
        return operand

    def of_step(step: Step) -> Step:
        inputs: Sequence[Operand] = [of_operand(i) for i in step.inputs]
        params = {k: _resolved_parameter(v, book.resolve) for k, v in step.params.items()}
        return replace(step, inputs=tuple(inputs), params=params, output=of_value(step.output))

    checks = tuple(
        replace(c, left=book.resolve(c.left), right=book.resolve(c.right)) for c in book.checks
    )
    return replace(
        program,
        parameters=tuple(
            replace(p, tree=p.tree.map(lambda pair: (pair[0], of_operand(pair[1]))))
            for p in program.parameters
        ),
        inputs=tuple(replace(i, value=of_value(i.value)) for i in program.inputs),
        steps=tuple(of_step(s) for s in program.steps),
        result=program.result.map(of_operand),
        names={of_value(v): n for v, n in program.names.items()},
        known={of_value(v): array for v, array in program.known.items()},
        checks=tuple(c for c in checks if (c.left + -c.right).constant is None),
    )


def _resolved_parameter(thing: Any, resolve: Callable[[Expression], Expression]) -> Any:
    kind = type(thing)
    if kind is Size:
        expression = resolve(thing.expression)
        return thing.value if expression.constant is not None else Size(thing.value, expression)
    if kind is tuple:
        return tuple(_resolved_parameter(t, resolve) for t in thing)
    if kind is slice:
        parts = (thing.start, thing.stop, thing.step)
        return slice(*(_resolved_parameter(t, resolve) for t in parts))
    return thing
