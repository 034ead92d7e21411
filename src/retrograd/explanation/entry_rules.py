"""How an entry of each operation is written: from its operands' entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from retrograd.explanation.numbers import number
from retrograd.ops.keys import Slot
from retrograd.ops.spelling import ADD, COMPARE, MULTIPLY, POWER, UNARY, Text
from retrograd.program import Constant, Operand, Size, Step, Value, plain

if TYPE_CHECKING:
    from retrograd.explanation.entry import Entries

Index = str | int | None  # a letter, a number, or None for the whole axis


def shape_of(operand: Operand) -> tuple[int, ...]:
    """The shape of an operand."""
    return operand.shape if isinstance(operand, Value) else np.shape(operand.value)


def _matmul(self: Entries, step: Step, index: list[Index]) -> Text:
    x, y = step.inputs
    assert isinstance(x, Value) and isinstance(y, Value)
    rows = index[:-1] if len(y.shape) > 1 else index
    if len(x.shape) == 1:
        rows = []
    column = [index[-1]] if len(y.shape) > 1 else []
    letter = self.letter(x, -1, index)

    def term(k: Index) -> Text:
        left = self.of(x, [*rows[len(rows) - len(x.shape) + 1 :], k])
        right = self.of(y, [k, *column] if len(y.shape) <= 2 else [*rows[:-1], k, *column])
        return Text(f"{left.at_least(MULTIPLY)}·{right.at_least(MULTIPLY + 1)}", MULTIPLY)

    return self.sum_over(x.shape[-1], letter, term)


def _outer(self: Entries, step: Step, index: list[Index]) -> Text:
    left, right = (self.of(o, [i]) for o, i in zip(step.inputs, index, strict=True))
    return Text(f"{left.at_least(MULTIPLY)} · {right.at_least(MULTIPLY + 1)}", MULTIPLY)


def _transpose(self: Entries, step: Step, index: list[Index]) -> Text:
    axes = step.params.get("axes") or tuple(reversed(range(len(index))))
    own: list[Index] = [None] * len(index)
    for place, axis in enumerate(axes):
        own[axis % len(index)] = index[place]
    return self.of(step.inputs[0], own)


def _reduced(self: Entries, step: Step, index: list[Index]) -> Text:
    x = step.inputs[0]
    assert isinstance(x, Value)
    axis = step.params.get("axis")
    rank = len(x.shape)
    axes = range(rank) if axis is None else [a % rank for a in np.atleast_1d(axis)]
    rest = list(index)
    if step.params.get("keepdims"):
        rest = [i for a, i in enumerate(index) if a not in axes]
    remaining = iter(rest)
    own: list[Index] = [None if a in axes else next(remaining) for a in range(rank)]
    if step.op.name in ("max", "min"):
        inside = self.of(x, [":" if a in axes else i for a, i in enumerate(own)]
                          if not self.numeric else own)  # fmt: skip
        return Text(f"{step.op.name}({inside.code})")
    text = _summed(self, x, own, list(axes))
    if step.op.name == "mean":
        size = 1
        for a in axes:
            size *= x.shape[a]
        names = [self.indices(x)[a].upper() for a in axes]
        count = number(size) if self.numeric else "·".join(names)
        if not self.numeric and any(self.ran.written.sizes.get(x.sizes[a].atom) is None  # type: ignore[arg-type]
                                    for a in axes):  # fmt: skip
            count = number(size)  # a size that is a plain number here
        below = f"({count})" if "·" in count else count
        return Text(f"1/{below} · {text.at_least(MULTIPLY)}", MULTIPLY)
    return text


def _summed(self: Entries, x: Operand, own: list[Index], axes: list[int]) -> Text:
    if not axes:
        return self.of(x, own)
    assert isinstance(x, Value)
    axis, rest = axes[0], axes[1:]
    letter = self.letter(x, axis, [i for i in own if i is not None])

    def term(i: Index) -> Text:
        return _summed(self, x, [*own[:axis], i, *own[axis + 1 :]], rest)

    return self.sum_over(x.shape[axis], letter, term)


def _index(self: Entries, step: Step, index: list[Index]) -> Text:
    keys = _keys(self, step.params["key"], step.inputs[1:], index)
    return self.of(step.inputs[0], keys) if keys is not None else self.leaf(step.output, index)


def _keys(
    self: Entries, key: Sequence[Any], arrays: Sequence[Operand], index: list[Index]
) -> list[Index] | None:
    """The index of the whole array, for an index of a part of it."""
    remaining = list(index)
    found: list[Index] = []
    letter: Index = None
    for k in key:
        if isinstance(k, Slot):
            array = arrays[k.index]
            shape = shape_of(array)
            if len(shape) > 1 or (shape and not remaining and letter is None):
                return None
            if shape and letter is None:
                letter = remaining.pop(0)
            found.append(_place(self, array, letter if shape else None))
        elif k is None:
            remaining.pop(0)
        elif type(k) in (int, Size):
            found.append(plain(k))
        elif k == slice(None):
            found.append(remaining.pop(0))
        else:
            return None
    return [*found, *remaining]


def _place(self: Entries, array: Operand, letter: Index) -> Index:
    """What an array of places says for one of them: y[n], or n itself for an arange."""
    if _is_arange(self, array):
        return letter
    if self.numeric and isinstance(letter, int) and isinstance(array, Value):
        known = self.ran.values.get(array)
        if known is not None:
            return int(np.asarray(known)[letter])
    index = [] if letter is None else [letter]
    kept, self.numeric = self.numeric, False
    text = self.of(array, list(index)).code
    self.numeric = kept
    return text


def _expand(self: Entries, step: Step, index: list[Index]) -> Text:
    x = step.inputs[0]
    shape = shape_of(x)
    kept = [i for i, n in zip(index, step.output.shape, strict=True) if n != 1]
    if len(kept) != sum(1 for n in shape if n != 1):
        return self.leaf(step.output, index)
    remaining = iter(kept)
    return self.of(x, [0 if n == 1 else next(remaining) for n in shape])


def _update(self: Entries, step: Step, index: list[Index]) -> Text:
    """A part written anew: the rest, and the part where the index is in it."""
    whole, value, *arrays = step.inputs
    base = self.of(whole, index)
    change = {"subtract_at": "−", "add_at": "+"}.get(step.op.name)
    condition = _condition(self, step.params["key"], arrays, index, step.output.shape)
    if condition is None:
        return self.leaf(step.output, index)
    if isinstance(value, Constant):
        amount: Text = Text(number(value.value))
    else:
        amount = self.of(value, _inside(step.params["key"], arrays, index, shape_of(value)))
    if change is None:
        text = f"{amount.code} if {condition} else {base.code}"
        return Text(text, COMPARE)
    scaled = f"{amount.at_least(MULTIPLY)} · 1{{{condition}}}"
    part = f"1{{{condition}}}" if amount.code == "1" else scaled
    return Text(f"{base.at_least(ADD)} {change} {part}", ADD)


def _condition(
    self: Entries,
    key: Sequence[Any],
    arrays: Sequence[Operand],
    index: list[Index],
    shape: tuple[int, ...],
) -> str | None:
    """When an index is one of those that a key names."""
    parts = []
    letter = _running(self, key, arrays, index)
    for k, i, size in zip(key, index, shape, strict=False):
        if k == slice(None):
            continue
        if isinstance(k, Slot):
            if letter is None:
                return None
            place = _place(self, arrays[k.index], letter)
            if place == i and not isinstance(place, int):
                continue
            if _is_arange(self, arrays[k.index]):
                continue
            shown = "c" if i is None else i
            parts.append(f"{shown} = {place}")
        elif type(k) in (int, Size):
            place = plain(k) + (size if plain(k) < 0 else 0)
            parts.append(f"{':' if i is None else i} = {place}")
        else:
            return None
    return " and ".join(parts) or "here"


def _scatter(self: Entries, step: Step, index: list[Index]) -> Text:
    _, value, *arrays = step.inputs
    condition = _condition(self, step.params["key"], arrays, index, step.output.shape)
    if condition is None:
        return self.leaf(step.output, index)
    amount = self.of(value, _inside(step.params["key"], arrays, index, shape_of(value)))
    return Text(f"{amount.code} if {condition} else 0", COMPARE)


def _is_arange(self: Entries, array: Operand) -> bool:
    """Whether an array of places is 0, 1, 2, ..."""
    made = self.producers.get(array) if isinstance(array, Value) else None
    return made is not None and made.op.name == "arange" and not made.params.get("start")


def _running(
    self: Entries, key: Sequence[Any], arrays: Sequence[Operand], index: list[Index]
) -> Index:
    """The index that runs along the arrays in a key: that of the axis with an arange."""
    for k, i in zip(key, index, strict=False):
        if isinstance(k, Slot) and _is_arange(self, arrays[k.index]):
            return i
    single = [i for k, i in zip(key, index, strict=False) if isinstance(k, Slot)]
    arrays_in_key = [arrays[k.index] for k in key if isinstance(k, Slot)]
    return single[0] if all(not shape_of(a) for a in arrays_in_key) and single else None


def _inside(
    key: Sequence[Any], arrays: Sequence[Operand], index: list[Index], shape: tuple[int, ...]
) -> list[Index]:
    """The index within what is written at a key, for an index of the whole."""
    found: list[Index] = []
    taken = False
    for k, i in zip(key, index, strict=False):
        if isinstance(k, Slot):
            if shape_of(arrays[k.index]) and not taken:
                found.append(i)
                taken = True
        elif type(k) not in (int, Size):
            found.append(i)
    found += index[len(key) :]
    found = found[len(found) - len(shape) :]
    return [0 if n == 1 else i for n, i in zip(shape, found, strict=True)]


def _swapped(self: Entries, step: Step, index: list[Index]) -> Text:
    own = list(index)
    first, second = step.params["axis1"], step.params["axis2"]
    own[first], own[second] = own[second], own[first]
    return self.of(step.inputs[0], own)


def _power(self: Entries, step: Step, index: list[Index]) -> Text:
    left, right = self.broadcast(step, index)
    if right.code == "2":
        return Text(f"{left.at_least(POWER + 1)}²", POWER)
    return Text(f"{left.at_least(POWER + 1)}^{right.at_least(POWER + 1)}", POWER)


def _square(self: Entries, step: Step, index: list[Index]) -> Text:
    (x,) = self.broadcast(step, index)
    return Text(f"{x.at_least(POWER + 1)}²", POWER)


def _negative(self: Entries, step: Step, index: list[Index]) -> Text:
    (x,) = self.broadcast(step, index)
    return Text(f"−{x.at_least(UNARY)}", UNARY)


def _reciprocal(self: Entries, step: Step, index: list[Index]) -> Text:
    (x,) = self.broadcast(step, index)
    return Text(f"1 / {x.at_least(MULTIPLY + 1)}", MULTIPLY)


def _where(self: Entries, step: Step, index: list[Index]) -> Text:
    condition, x, y = self.broadcast(step, index)
    return Text(f"{x.code} if {condition.code} else {y.code}", COMPARE)


def _filled(self: Entries, step: Step, index: list[Index]) -> Text:
    if step.op.name == "full_like":
        fill = step.inputs[1]
        own = index[len(index) - len(shape_of(fill)) :]
        return self.of(fill, [0 if n == 1 else i for i, n in zip(own, shape_of(fill), strict=True)])
    return Text({"o": "1", "z": "0"}[step.op.name[0]])


HANDLERS: dict[str, Callable[[Entries, Step, list[Index]], Text]] = {
    "matmul": _matmul, "dot": _matmul, "outer": _outer, "transpose": _transpose, "sum": _reduced,
    "swapaxes": _swapped,
    "mean": _reduced, "max": _reduced, "min": _reduced, "index": _index, "expand_dims": _expand,
    "squeeze": _expand, "reshape": _expand, "subtract_at": _update, "add_at": _update,
    "set_at": _update, "scatter_set": _scatter, "power": _power, "square": _square,
    "negative": _negative, "reciprocal": _reciprocal, "where": _where, "full_like": _filled,
    "ones_like": _filled, "zeros_like": _filled, "zeros": _filled, "ones": _filled,
}  # fmt: skip
