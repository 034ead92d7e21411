"""A function that is recorded once for each kind of arguments and runs as its text after that."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from retrograd.errors import RetrogradError, trimmed
from retrograd.ops import current_recorder
from retrograd.program import Program, tree_of
from retrograd.replay import replay
from retrograd.trace import Guard, Recording, behind_shadow, trace
from retrograd.write import Written, load

_KEPT = 8  # recordings for one kind of arguments; older ones differ in what they found outside


class RecordedAtEveryCall(UserWarning):
    """Said once: the function can do something else at every call, so it is recorded every time."""


@dataclass(frozen=True)
class Entry:
    """One recording, written and loaded."""

    program: Program
    written: Written
    run: Callable[..., Any]
    guards: tuple[Guard, ...]
    reads: tuple[tuple[str, Callable[[], Any]], ...]
    exclusive: bool = False  # it writes into its arrays: no two may share their memory
    every_call: str | None = None  # why it holds for one call only

    def call(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """Run the text on arguments, and on the captured arrays as they are now."""
        if not self.reads:
            return self.run(*args, **kwargs)
        return self.run(*args, **kwargs, **{name: read() for name, read in self.reads})


class Arguments(dict[str, Any]):
    """Arguments by name; `defaults` are the names of those that were not given."""

    defaults: frozenset[str] = frozenset()


class Recorded:
    """Calls of a function, with the programs that were recorded for them.

    Args:
        function: what is recorded.
        build: makes the program and its text from a recording.
        extra: a further argument of the text that the function itself does not take, by keyword:
            the gradient of its result.
        wrt: what gradients are taken of; None for everything. Other arrays may decide something.
        runner: makes what runs a program, from it and its loaded text; None: the text.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        build: Callable[[Recording], tuple[Program, Written]],
        extra: str | None = None,
        wrt: int | str | Sequence[int | str] | None = None,
        runner: Callable[[Program, Callable[..., Any]], Callable[..., Any]] | None = None,
    ) -> None:
        self.function = _itself(function)
        self.runner = runner
        self.build = build
        self.extra = extra
        self.wrt = wrt
        self._signature: inspect.Signature | None = None
        # for each kind of arguments: recordings, and whether the text needs names or defaults bound
        self._entries: dict[Hashable, list[tuple[Entry, bool]]] = {}
        self._said = False

    @property
    def signature(self) -> inspect.Signature:
        """The function's signature."""
        if self._signature is None:
            self._signature = signature_of(self.function)
        return self._signature

    def call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The result for these arguments."""
        outer = current_recorder()
        if outer is not None:
            args, kwargs, arguments = self.bound(args, kwargs)
            entry, every_call = self._record(arguments)
            outer.depend((entry.guards, every_call))
            return replay(entry.program, arguments, outer)
        key = (key_of(args), key_of(kwargs) if kwargs else None)
        for entry, binds in self._entries.get(key, ()):
            for guard in entry.guards:
                if not guard.holds():
                    break
            else:
                if entry.exclusive and _share_memory(entry, args, kwargs):
                    break
                if binds:
                    args, kwargs, _ = self.bound(args, kwargs)
                try:
                    return entry.call(args, kwargs)
                except ValueError:
                    self._record(self.bound(args, kwargs)[2])  # says it with a code and the line
                    raise
        args, kwargs, arguments = self.bound(args, kwargs)
        entry, every_call = self._record(arguments)
        if every_call is not None:
            self._say(every_call)
            return entry.call(args, kwargs)
        binds = key != (key_of(args), key_of(kwargs) if kwargs else None)
        known = self._entries.setdefault(key, [])
        known.insert(0, (entry, binds))
        del known[_KEPT:]
        return entry.call(args, kwargs)

    def entry(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Entry:
        """The recording for these arguments, made now."""
        return self._record(self.bound(args, kwargs)[2])[0]

    def bound(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any], Mapping[str, Any]]:
        """The arguments as the text takes them, and all of them by name."""
        own = {k: v for k, v in kwargs.items() if k != self.extra}
        bound = self.signature.bind(*args, **own)
        given = frozenset(bound.arguments)
        bound.apply_defaults()
        extra = {k: v for k, v in kwargs.items() if k == self.extra}
        arguments = Arguments({**bound.arguments, **extra})
        arguments.defaults = frozenset(bound.arguments) - given
        return bound.args, {**bound.kwargs, **extra}, arguments

    def _record(self, arguments: Mapping[str, Any]) -> tuple[Entry, str | None]:
        try:
            recording = trace(self.function, self.signature, arguments, self._differentiated())
            program, written = self.build(recording)
        except RetrogradError as error:
            raise trimmed(error)  # noqa: B904  (its cause, if it has one, stays)
        captured = [i for i in program.inputs if i.captured is not None]
        reads = tuple(
            (name, item.read)
            for name, item in zip(written.keywords, captured, strict=True)
            if item.read is not None
        )
        exclusive = recording.writes_inputs
        run = load(written)
        if self.runner is not None and recording.every_call is None:
            run = self.runner(program, run)
        entry = Entry(
            program, written, run, recording.guards, reads, exclusive, recording.every_call
        )
        return entry, recording.every_call

    def _differentiated(self) -> frozenset[str] | None:
        """The names of what gradients are taken of; None for everything."""
        parameters = self.signature.parameters
        several = any(p.kind is p.VAR_POSITIONAL for p in parameters.values())
        if several or not isinstance(self.wrt, int | str | list | tuple):
            return None
        names = list(parameters)
        wanted = [self.wrt] if isinstance(self.wrt, int | str) else list(self.wrt)
        inside = range(-len(names), len(names))
        return frozenset(names[w] if isinstance(w, int) and w in inside else str(w) for w in wanted)

    def _say(self, reason: str) -> None:
        if not self._said:
            self._said = True
            name = getattr(self.function, "__name__", "the function")
            warnings.warn(
                f"{name} is recorded at every call, because {reason}. Its gradient is right, but "
                "each call takes milliseconds; pass what changes as an argument to avoid it.",
                RecordedAtEveryCall,
                stacklevel=4,
            )


def _share_memory(entry: Entry, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    """Whether two of the arrays that a text gets are parts of the same memory."""
    tree = tree_of([list(args), dict(kwargs), [read() for _, read in entry.reads]])
    arrays = [thing for _, thing in tree.leaves() if isinstance(thing, np.ndarray)]
    return any(np.shares_memory(a, b) for i, a in enumerate(arrays) for b in arrays[i + 1 :])


def signature_of(function: Callable[..., Any]) -> inspect.Signature:
    """A function's signature; for NumPy's own functions, as many positions as they take arrays."""
    if isinstance(function, np.ufunc):
        kind = inspect.Parameter.POSITIONAL_ONLY
        names = ["x", "y", "z"][: function.nin]
        return inspect.Signature([inspect.Parameter(n, kind) for n in names])
    return inspect.signature(function)


def free_name(name: str, signature: inspect.Signature) -> str:
    """The name, with underscores until no parameter is called so."""
    while name in signature.parameters:
        name += "_"
    return name


def copied(thing: Any) -> Any:
    """An array's copy; anything else as it is."""
    return thing.copy() if isinstance(thing, np.ndarray) else thing


def key_of(thing: Any) -> Hashable:
    """What a recording depends on: shapes and dtypes of arrays, and anything static."""
    kind = type(thing)
    if kind is np.ndarray:
        if thing.flags.c_contiguous:
            return thing.shape, thing.dtype
        return thing.shape, thing.dtype, "strided"  # a reshape of it is a copy, not a view
    if kind is float:
        return float
    if kind is tuple or kind is list:
        return kind, tuple([key_of(item) for item in thing])
    if kind is dict:
        return kind, tuple(thing), tuple([key_of(item) for item in thing.values()])
    if kind in (int, bool, str, type(None), bytes, complex):
        return kind, thing
    if isinstance(thing, np.ndarray | np.generic):
        return thing.shape, thing.dtype
    tree = tree_of(thing)
    if tree.kind != "leaf":
        return kind, tuple([key_of(leaf[1]) for leaf in tree.leaves()])
    return kind, id(thing)


def _itself(function: Callable[..., Any]) -> Callable[..., Any]:
    """The user's function, also where it came as a shadow; a method or a callable as it is."""
    try:
        return behind_shadow(function)
    except TypeError:  # it cannot be hashed, or referred to weakly
        return function
