"""Mistakes of memory: arrays that are overwritten, or lost, before they are used.

They are found by repairing the user's backward on its tape: a write that adds in place of setting,
a read of what an array held before it was written into. Where that makes wrong gradients right, and
no right one wrong, it is what happened.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from retrograd.diagnosis.kinds import has_windows
from retrograd.diagnosis.locate import Search
from retrograd.diagnosis.numbers import ratio
from retrograd.diagnosis.right import is_right
from retrograd.diagnosis.rounds import kept_last, started_anew
from retrograd.diagnosis.tape import Arrays, Tape, operands_of
from retrograd.ops.keys import filled
from retrograd.program import Step, Value, plain
from retrograd.report import Position

_TRIES = 400
_SECONDS = 0.7  # for reads of what an array held before

Runs = Mapping[Value, Callable[[Arrays], Any]]


@dataclass(frozen=True)
class Repair:
    """A change of the user's backward that makes wrong gradients right.

    Attributes:
        cause: the name of the mistake.
        where: the line that made it.
        repairs: the inputs whose gradients are right with it.
        tape: the user's backward with the change.
    """

    cause: str
    where: Position | None
    repairs: tuple[str, ...]
    tape: Tape


def repair(search: Search, left: list[str]) -> Repair | None:
    """The change that makes most gradients right, if one does."""
    best = _summed(search, left)
    until = time.thread_time() + _SECONDS
    for cause, where, runs in islice(_changes(search, left, until), _TRIES):
        arrays = search.tape.edited(runs)
        repairs = search.repaired(arrays, left)
        if repairs and (best is None or len(repairs) > len(best.repairs)):
            if cause == "accumulator_overwritten" and _of_softmax(search, arrays, runs):
                cause = "softmax_jacobian_loop_overwritten"
            best = Repair(cause, where, repairs, search.tape.replaced(arrays))
    return best


def _summed(search: Search, left: list[str]) -> Repair | None:
    """A variable that keeps what came last, where the sum of all that it held is right."""
    tape, found, looped = search.tape, list[tuple[str, Position]](), False
    sizes = search.forward.sizes
    counts = () if has_windows(search.forward) else (*sizes.examples, *sizes.others)
    known = {v.number: v for v in tape.arrays}
    held: dict[object, list[tuple[list[Value], Position]]] = {}
    for store in tape.stores:
        values = [known[n] for n in store.values if n in known]
        if values and len(values) == len(store.values):
            held.setdefault(store.owner, []).append((values, store.where))
    for stores in held.values():
        for k in range(len(stores[-1][0]) if len(stores) > 1 else 0):
            parts = [values[k] for values, _ in stores if k < len(values)]
            if len({v.shape for v in parts}) > 1 or len(set(parts)) != len(stores):
                continue
            arrays = [np.asarray(tape.arrays[v], dtype=float) for v in parts]
            for name in left:
                c = ratio(arrays[-1], tape.arrays[search.finals[name]])
                if c is not None and search.right[name].holds(c * np.sum(arrays, axis=0)):
                    found.append((name, stores[-1][1]))
                    runs = Counter(place.line for _, place in stores).most_common(1)[0][1]
                    looped = looped or (runs > 1 and runs in counts)
    for name, where in kept_last(search, left):
        found.append((name, where))
        looped = True
    if not found:
        return None
    names = tuple(dict.fromkeys(name for name, _ in found))
    last = [max((p for n, p in found if n == name), key=lambda p: p.line) for name in names]
    where = min(map(started_anew, last), key=lambda p: p.line)
    cause = "only_last_sample_kept" if looped else "accumulator_overwritten"
    return Repair(cause, where, names, tape)


def n_by_n(tape: Tape, wrong: Sequence[Value]) -> Step | None:
    """The first step on the way to wrong gradients in which (N, 1) meets (N,), if there is one."""
    needed = tape.ancestors(list(wrong))
    for step in tape.steps:
        shapes = [v.shape for v in step.values()]
        if step.output not in needed or len(shapes) != 2 or step.op.name not in _ENTRIES:
            continue
        n = max(max(s, default=0) for s in shapes)
        if n > 1 and step.output.shape == (n, n) and {(n, 1), (n,)} == set(shapes):
            return step
    return None


_ENTRIES = ("add", "subtract", "multiply", "divide")


def _of_softmax(search: Search, arrays: Arrays, runs: Runs) -> bool:
    """Whether the repaired array is the gradient of a softmax's logits."""
    made = [np.ravel(arrays[v]) for v in runs if v in arrays]
    for s in search.forward.softmaxes:
        gradient = search.forward.gradient(s.z)
        rows = [gradient, *gradient, *gradient.T]
        if any(ratio(np.ravel(r), m) is not None for r in rows for m in made if r.size == m.size):
            return True
    return False


def _changes(
    search: Search, left: list[str], until: float
) -> Iterator[tuple[str, Position | None, Runs]]:
    tape = search.tape
    needed = tape.ancestors([search.finals[n] for n in left])
    sites: dict[object, list[Step]] = {}
    for step in tape.steps:
        if step.op.name == "set_at" and step.output in needed:
            sites.setdefault(step.where or step, []).append(step)
    for steps in sites.values():
        where = steps[-1].where
        if any(
            np.asarray(tape.array(i)).dtype.kind in "iu" and np.ndim(tape.array(i))
            for s in steps
            for i in s.inputs[2:]
        ):
            yield "duplicate_index_overwritten", where, {s.output: _add_at(s) for s in steps}
        if len(steps) > 1:
            yield "accumulator_overwritten", where, {s.output: _added(s) for s in steps}
    for steps in _branches(list(sites.values())):
        yield "accumulator_overwritten", steps[-1].where, {s.output: _added(s) for s in steps}
    yield from _stored(tape, search)
    yield from _restored(tape, search, needed, until)


def _branches(sites: Sequence[Sequence[Step]]) -> Iterator[list[Step]]:
    """The writes of one function into an array of one shape, on several lines, as of an if."""
    groups: dict[object, list[Sequence[Step]]] = {}
    for steps in sites:
        if steps[0].where is not None:
            key = steps[0].where.file, steps[0].where.function, steps[0].output.shape
            groups.setdefault(key, []).append(steps)
    for some in groups.values():
        if len(some) > 1:
            yield [s for steps in some for s in steps]


def _stored(tape: Tape, search: Search) -> Iterator[tuple[str, Position | None, Runs]]:
    """Assignments over something else, as if they added to it."""
    known = {v.number: v for v in tape.arrays}
    wanted = set(search.finals.values())
    last: dict[object, tuple[int, ...]] = {}
    over: dict[Value, tuple[Value, Position]] = {}  # what is handed on belongs to the last line
    counts: dict[Position, Counter[object]] = {}
    for store in tape.stores:
        before = last.get(store.owner, ())
        last[store.owner] = store.values
        counts.setdefault(store.where, Counter())[store.owner] += 1
        if len(before) != len(store.values):
            continue
        for old, new in zip(before, store.values, strict=True):
            a, b = known.get(old), known.get(new)
            if a is None or b is None or a is b or a.shape != b.shape or b not in tape.place:
                continue
            if a not in wanted and np.any(tape.arrays[a]) and a not in tape.ancestors([b]):
                over[b] = a, store.where
    lines: dict[Position, dict[Value, Value]] = {}
    for made, (lost, where) in over.items():
        lines.setdefault(where, {})[made] = lost
    for where, pairs in lines.items():
        every = set(counts[where].values()) == {search.forward.sizes.n}  # each, in each example
        name = "only_last_sample_kept" if every else "accumulator_overwritten"
        steps = {v: tape.steps[tape.place[v]] for v in pairs}
        yield name, where, {v: _with(steps[v], lost) for v, lost in pairs.items()}


def _with(step: Step, other: Value) -> Callable[[Arrays], Any]:
    """A step that adds to another array what it makes."""
    params = {k: plain(v) for k, v in step.params.items()}

    def run(known: Arrays) -> Any:
        return step.op.run(*operands_of(step, known), **params) + known[other]

    return run


def _add_at(step: Step) -> Callable[[Arrays], Any]:
    """x[key] = x[key] + v as np.add.at(x, key, v)."""

    def run(known: Arrays) -> Any:
        x, value, key = _operands(step, known)
        made = np.array(x, dtype=float)
        np.add.at(made, key, np.asarray(value) - made[key])
        return made

    return run


def _added(step: Step) -> Callable[[Arrays], Any]:
    """x[key] = v as x[key] += v."""

    def run(known: Arrays) -> Any:
        x, value, key = _operands(step, known)
        made = np.array(x, dtype=float)
        made[key] += value
        return made

    return run


def _operands(step: Step, known: Arrays) -> tuple[Any, Any, Any]:
    x, value, *arrays = operands_of(step, known)
    return x, value, filled(plain(step.params["key"]), arrays)


def _restored(
    tape: Tape, search: Search, needed: set[Value], until: float
) -> Iterator[tuple[str, Position | None, Runs]]:
    """Uses of arrays after a write into them, as if they had not been written into.

    A line in a loop writes into a new array in each round: all of them first, then each.
    """
    alone = list(_reads(tape, search, needed, until))
    together: dict[object, list[Runs]] = {}
    for way, name, where, runs in alone:
        together.setdefault((way, name, where), []).append(runs)
    for (_, name, where), some in together.items():  # type: ignore[misc]
        if len(some) > 1:
            yield name, where, {v: run for runs in some for v, run in runs.items()}
    for _, name, where, runs in alone:
        yield name, where, runs


def _reads(
    tape: Tape, search: Search, needed: set[Value], until: float
) -> Iterator[tuple[object, str, Position | None, Runs]]:
    """Uses of one array after a write into it; in which way, the mistake, the line, the steps."""
    before = {new: old for old, new in tape.written}
    weights = [
        np.asarray(search.forward.tape.arrays[v]) for v in search.forward.parameters.values()
    ]
    for step in tape.steps:  # W = W - rate * dW
        if step.op.name in ("subtract", "add") and step.output not in before:
            first = step.inputs[0]
            if isinstance(first, Value) and _is_one_of(tape.arrays.get(first), weights):
                before[step.output] = first
    for new in before:
        if new not in needed or new not in tape.place:
            continue
        if time.thread_time() > until:
            return
        old: Value | None = before[new]
        seen = 0
        while old is not None and seen < _DEEP:
            scaled = ratio(tape.arrays[old], tape.arrays[new]) is not None
            if old.shape and not scaled and is_right(old, tape, search.forward):
                users = [s for s in tape.users.get(new, ()) if s.output in needed]
                where = tape.steps[tape.place[new]].where
                moved = _is_one_of(tape.arrays[old], weights)
                name = "weights_updated_before_backprop" if moved else "inplace_mutation"
                for step in users:
                    yield step.where, name, where, {step.output: _reading(step, new, old)}
                if any(s.inputs.count(new) > 1 for s in users):  # once as it is, once as it was
                    once = {s.output: _reading(s, new, old, _once(s, new)) for s in users}
                    yield "once", name, where, once
                for start in range(len(users) - 1):  # a use of it, and all that come after
                    every = {s.output: _reading(s, new, old) for s in users[start:]}
                    yield start, name, where, every
            old, seen = before.get(old), seen + 1


def _is_one_of(array: Any, some: Sequence[Any]) -> bool:
    return any(np.shape(array) == a.shape and np.array_equal(array, a) for a in some)


def _once(step: Step, value: Value) -> bool:
    return step.inputs.count(value) == 1


_DEEP = 4


def _reading(step: Step, new: Value, old: Value, first: bool = True) -> Callable[[Arrays], Any]:
    """A step that takes `old` where it takes `new`, but for the first time if not `first`."""
    params = {k: plain(v) for k, v in step.params.items()}

    def run(known: Arrays) -> Any:
        inputs = [old if i is new else i for i in step.inputs]
        if not first:
            inputs[step.inputs.index(new)] = new
        return step.op.run(
            *[known[i] if isinstance(i, Value) else i.value for i in inputs], **params
        )

    return run
