"""Other indices and slices with which a line could read or write parts of arrays.

Two indices swapped, that of another loop, one too far, a window that forgot the stride, the wrong
end of what was padded, an order that was not turned around.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from retrograd.diagnosis.blocks import Block, Line
from retrograd.diagnosis.enclosing import function_around, line_of
from retrograd.program import Value, plain
from retrograd.report import Position, source_segment

Keys = tuple[Any, ...]  # the key of each run
Steps = tuple[tuple[int, ...], ...]  # the steps of each block
_READS = ("index", "set_at", "add_at")
_MOST = 8  # entries along an axis that are tried one by one
_STRIDES = (2, 3)


def groups(block: Block) -> Iterator[tuple[tuple[int, ...], Keys]]:
    """The steps of a block that take parts of one array with the same key, and their keys."""
    found: dict[object, list[int]] = {}
    for k, step in enumerate(block.runs[0]):
        if step.op.name in _READS and all(_is_plain(run[k].params["key"]) for run in block.runs):
            base = step.inputs[0]
            shape = base.shape if isinstance(base, Value) else np.shape(block.tape.array(base))
            keys = tuple(plain(run[k].params["key"]) for run in block.runs)
            found.setdefault((repr(keys), shape), []).append(k)
    for steps in found.values():
        yield tuple(steps), tuple(plain(run[steps[0]].params["key"]) for run in block.runs)


def _is_plain(key: Any) -> bool:
    return all(k is None or isinstance(plain(k), int | slice) for k in key)


def other_keys(line: Line) -> Iterator[tuple[Steps, tuple[Keys, ...], int]]:
    """Other keys: for each block the steps that take them, the keys, the component that differs."""
    blocks = line.blocks
    own = [list(groups(b)) for b in blocks]
    if len({tuple(steps for steps, _ in some) for some in own}) != 1:
        return
    for g, (steps, _) in enumerate(own[0]):
        keys = [k for some in own for k in some[g][1]]
        shape = blocks[0].tape.array(blocks[0].runs[0][steps[0]].inputs[0]).shape
        beside = [[k for some in own for k in some[h][1]] for h in range(len(own[0])) if h != g]
        seen = {repr(keys)}
        for changed, component in _changed(keys, shape, beside):
            if repr(changed) not in seen:
                seen.add(repr(changed))
                ends = np.cumsum([len(b.runs) for b in blocks])
                parts = [
                    tuple(changed[e - len(b.runs) : e]) for b, e in zip(blocks, ends, strict=True)
                ]
                yield (steps,) * len(blocks), tuple(parts), component


def strided(lines: Sequence[Line]) -> Iterator[tuple[Line, Steps, tuple[Keys, ...], int]]:
    """The windows that one or several lines take in a loop, as far apart as a stride."""
    families: dict[object, list[tuple[Block, tuple[int, ...], Keys, Line]]] = {}
    for line in lines:
        for block in line.blocks:
            for steps, keys in groups(block) if len(block.runs) > 1 else ():
                where = block.runs[0][steps[0]].where
                calls = block.tape.calls.get(block.runs[0][steps[0]].output, ())
                if where is not None and len(calls) == line.depth and _windows(keys):
                    known = families.setdefault((where.file, where.function, len(keys)), [])
                    known.append((block, steps, keys, line))
    for some in families.values():
        windows = list(dict.fromkeys(w for _, _, keys, _ in some for w in _windows(keys)))
        choices = [{w} for w in windows] + ([set(windows)] if len(windows) > 1 else [])
        for chosen in choices:
            taking = [entry for entry in some if chosen & set(_windows(entry[2]))]
            first = taking[0]
            joined = Line(first[3].where, first[3].depth, tuple(b for b, *_ in taking))
            component = next(c for w, c in _windows(first[2]).items() if w in chosen)
            for factor in _STRIDES:
                moved = tuple(_apart(keys, chosen, factor) for _, _, keys, _ in taking)
                yield joined, tuple(steps for _, steps, _, _ in taking), moved, component


def _windows(keys: Keys) -> dict[tuple[tuple[int, int], ...], int]:
    """The slices of a key that move, each as its ends in each run, and the component."""
    found: dict[tuple[tuple[int, int], ...], int] = {}
    for c in range(min(len(k) for k in keys)):
        column = [k[c] for k in keys]
        ends = [s for s in column if isinstance(s, slice) and s.start is not None]
        if len(ends) == len(column) and all(isinstance(s.stop, int) for s in ends):
            window = tuple((s.start, s.stop) for s in ends)
            if len(set(window)) > 1:
                found.setdefault(window, c)
    return found


def _apart(keys: Keys, chosen: set[tuple[tuple[int, int], ...]], factor: int) -> Keys:
    made = [list(k) for k in keys]
    for c in range(min(len(k) for k in keys)):
        column = [k[c] for k in keys]
        ends = [(s.start, s.stop) for s in column if isinstance(s, slice)]
        if len(ends) == len(column) and tuple(ends) in chosen:
            for key, (start, stop) in zip(made, ends, strict=True):
                key[c] = slice(start * factor, start * factor + stop - start)
    return tuple(map(tuple, made))


def _changed(
    keys: Sequence[Any], shape: tuple[int, ...], beside: Sequence[Sequence[Any]]
) -> Iterator[tuple[list[Any], int]]:
    count = len(keys[0])
    if any(len(k) != count for k in keys):
        return
    columns = [[k[c] for k in keys] for c in range(count)]
    kinds = [
        "int" if isinstance(col[0], int) else "slice" if isinstance(col[0], slice) else ""
        for col in columns
    ]

    def with_column(c: int, column: Sequence[Any]) -> list[Any]:
        return [(*k[:c], new, *k[c + 1 :]) for k, new in zip(keys, column, strict=True)]

    for i in range(count):
        for j in range(i + 1, count):
            if kinds[i] == kinds[j] != "":
                order = [j if c == i else i if c == j else c for c in range(count)]
                yield [tuple(k[c] for c in order) for k in keys], i
    axes = np.cumsum([k != "" for k in kinds]) - 1
    for c, kind in enumerate(kinds):
        size = shape[axes[c]] if kind else 0
        if kind == "int":
            for column in _numbers(columns[c], size, beside):
                yield with_column(c, column), c
        elif kind == "slice":
            for windows in _slices(columns[c], size, beside):
                yield with_column(c, windows), c
    slices = [c for c in range(count) if kinds[c] == "slice"]
    if len(keys) == 1 and slices:
        key = list(keys[0])
        for c in slices:
            key[c] = _centred(key[c], shape[axes[c]])
        yield [tuple(key)], slices[0]


def _numbers(
    column: Sequence[int], size: int, beside: Sequence[Sequence[Any]]
) -> Iterator[list[int]]:
    for starts in _starts(beside, len(column)):
        if all(-size <= n < size for n in starts):
            yield starts
    if len(set(column)) == 1 and size <= _MOST:
        yield from ([n] * len(column) for n in range(size) if n != column[0] % size)
    for step in (-1, 1):
        if all(-size <= n + step < size for n in column):
            yield [n + step for n in column]
    if len(set(column)) > 1:
        ends = min(column) + max(column)
        yield [ends - n for n in column]


def _slices(
    column: Sequence[slice], size: int, beside: Sequence[Sequence[Any]]
) -> Iterator[list[slice]]:
    whole = all(s == slice(None) for s in column)
    if whole:
        yield [slice(None, None, -1)] * len(column)
        return
    if all(s == slice(None, None, -1) for s in column):
        yield [slice(None)] * len(column)
        return
    lengths = {_length(s, size) for s in column}
    starts = [s.indices(size)[0] for s in column]
    if len(lengths) != 1 or any(s.step not in (None, 1) for s in column):
        return
    length = lengths.pop()
    if len(column) == 1 or len(set(starts)) == 1:
        for start in {0, size - length, starts[0] - 1, starts[0] + 1}:
            if 0 <= start <= size - length:
                yield [slice(start, start + length)] * len(column)
        return
    for others in _starts(beside, len(column)):
        if all(0 <= n <= size - length for n in others):
            yield [slice(n, n + length) for n in others]


def _starts(beside: Sequence[Sequence[Any]], runs: int) -> Iterator[list[int]]:
    """Where other keys of the line start in each run."""
    for keys in beside:
        for c in range(min(map(len, keys))):
            found = [k[c].start if isinstance(k[c], slice) else k[c] for k in keys]
            if len(found) == runs and all(isinstance(n, int) for n in found):
                yield found


def _length(key: slice, size: int) -> int:
    return len(range(*key.indices(size)))


def _centred(key: slice, size: int) -> slice:
    """A slice as long, with as much left out on either side."""
    start = (size - _length(key, size)) // 2
    return key if key == slice(None) or start == 0 else slice(start, -start)


def chosen(where: Position, component: int) -> Position:
    """Where an index got its value: the line that names it, or the line that takes it."""
    names, around = _names(source_segment(where), component), function_around(where)
    if not names or around is None:
        return where
    given = [
        n
        for n in ast.walk(around)
        if isinstance(n, ast.Assign)
        and n.lineno < where.line
        and any(isinstance(t, ast.Name) and t.id in names for m in n.targets for t in ast.walk(m))
    ]
    if not given:
        return where
    last = max(n.lineno for n in given)  # start and stop are often named one after the other
    return line_of(next(n for n in given if n.lineno in (last - 1, last)), where)


def _names(text: str, component: int) -> list[str]:
    """The names that one component of a key is made of."""
    try:
        tree = ast.parse(text.strip())
    except SyntaxError:
        return []
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript):
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            if component < len(parts):
                return [n.id for n in ast.walk(parts[component]) if isinstance(n, ast.Name)]
    return []
