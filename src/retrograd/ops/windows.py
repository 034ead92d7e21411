"""Windows that move along an array: pad, convolve, correlate, sliding windows."""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from retrograd.ops.dispatch import recordable
from retrograd.ops.made import arange, constant, zeros
from retrograd.ops.protocols import refused
from retrograd.ops.reduce import axes_of
from retrograd.ops.samples import call, normal
from retrograd.ops.spelling import Text
from retrograd.ops.table import Sized, composed, op
from retrograd.ops.write import set_at
from retrograd.program import Expression, derive, is_size, plain


def _pairs(x: Any, given: Any) -> list[tuple[Any, Any]]:
    """One number, a pair, or one or two numbers for each axis: as a pair for each axis."""
    if np.ndim(given) == 0:
        return [(given, given)] * np.ndim(x)
    items = [tuple(item) if np.ndim(item) else item for item in given]
    if not any(isinstance(item, tuple) for item in items):
        items = [tuple(items)]
    pairs = [item if isinstance(item, tuple) else (item,) for item in items]
    pairs = [pair * 2 if len(pair) == 1 else pair for pair in pairs]
    return pairs * np.ndim(x) if len(pairs) == 1 else pairs


@composed(np.pad)
def pad(array: Any, pad_width: Any, mode: str = "constant", constant_values: Any = 0) -> Any:
    """A frame of numbers around an array, or of copies of its edge."""
    widths = _pairs(array, pad_width)
    if mode in ("edge", "reflect", "symmetric", "wrap"):  # copies of other elements
        for axis, (before, after) in enumerate(widths):
            n = int(np.shape(array)[axis])
            widen: Any = np.pad
            places = widen(np.arange(n), (int(before), int(after)), mode=mode)
            array = np.take(array, constant(places), axis=axis)
        return array
    if mode != "constant":
        raise refused(f"np.pad(mode={mode!r})")
    fixed = not any(is_size(n) for pair in widths for n in pair)
    if fixed and type(constant_values) in (int, float):
        pairs = tuple((int(before), int(after)) for before, after in widths)
        return framed(array, widths=pairs, value=constant_values)
    values = _pairs(array, constant_values)
    for axis, (before, after) in enumerate(widths):
        if plain(before) == 0 and plain(after) == 0:
            continue
        shape = list(np.shape(array))
        n = shape[axis]
        shape[axis] = before + n + after
        lead = (slice(None),) * axis
        out = zeros(tuple(shape), dtype=array.dtype)
        if not _is_zero(values[axis][0]):
            out = set_at(out, values[axis][0], key=(*lead, slice(None, before)))
        if not _is_zero(values[axis][1]):
            out = set_at(out, values[axis][1], key=(*lead, slice(before + n, None)))
        array = set_at(out, array, key=(*lead, slice(before, before + n)))
    return array


def _is_zero(value: Any) -> bool:
    """Whether a number in the code is 0; one that is an argument may be anything."""
    return type(value) in (int, float) and value == 0


@recordable
def framed(x: Any, widths: Any, value: Any = 0) -> Any:
    """An array with a frame of one number around it."""
    return np.pad(x, widths, constant_values=value)


def _framed_sizes(book: Any, x: Sized, *, widths: Any, value: Any = 0) -> Sequence[Expression]:
    return [s + Expression.of(b + a) for s, (b, a) in zip(x.sizes, widths, strict=True)]


def _spell_framed(args: Sequence[Text], params: Mapping[str, str]) -> Text:
    value = f", constant_values={params['value']}" if "value" in params else ""
    return Text(f"np.pad({args[0].code}, {params['widths']}{value})")


@op(
    framed,
    carries=True,
    sizes=_framed_sizes,
    spell=_spell_framed,
    samples=[
        call(normal(3), widths=((1, 2),)),
        call(normal(3, 4), widths=((0, 1), (2, 0)), value=1.5),
    ],
)
def pad_(g: Any, out: Any, x: Any, *, widths: Any, value: Any = 0) -> Any:
    """A frame of one number: the gradient is cut out of it."""
    return (g[tuple(slice(b or None, -a if a else None) for b, a in widths)],)


@composed(np.convolve)
def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """Sums of products of one with the other one, reversed and moved along."""
    n, m = int(np.shape(a)[0]), int(np.shape(v)[0])
    if m > n:
        a, v, n, m = v, a, m, n
    padded = pad(a, m - 1)
    places = arange(n + m - 1)[:, None] + arange(m)[None, :]
    full = padded[places] @ np.flip(v, 0)
    if mode == "valid":
        return full[m - 1 : n]
    if mode == "same":
        start = (m - 1) // 2
        return full[start : start + n]
    return full


@recordable
def windows(x: Any, size: Any, axis: Any, stride: Any, dilation: Any) -> Any:
    """All windows of a size along some axes, as new axes at the end: a view.

    Args:
        x: any shape.
        size: how many elements a window has along each of the axes.
        axis: the axes, counted from the front.
        stride: how far it is from one window to the next, for each axis.
        dilation: how far it is from one element of a window to the next, for each axis.

    Returns:
        An array with the places of the windows instead of the axes, and then the windows' axes.
    """
    reach = _reach(size, dilation)
    view = np.lib.stride_tricks.sliding_window_view(x, reach, axis=axis)
    steps = dict(zip(axis, stride, strict=True))
    places = tuple(slice(None, None, steps.get(i, 1)) for i in range(np.ndim(x)))
    return view[(*places, *(slice(None, None, d) for d in dilation))]


def _reach(size: Sequence[int], dilation: Sequence[int]) -> tuple[int, ...]:
    return tuple((k - 1) * d + 1 for k, d in zip(size, dilation, strict=True))


def _window_sizes(book: Any, x: Sized, **params: Any) -> Sequence[Expression]:
    sizes = list(x.sizes)
    reaches = _reach(params["size"], params["dilation"])
    for axis, reach, stride in zip(params["axis"], reaches, params["stride"], strict=True):
        last = sizes[axis] + Expression.of(-reach)
        sizes[axis] = derive("//", last, Expression.of(stride)) + Expression.of(1)
    return [*sizes, *(Expression.of(k) for k in params["size"])]


def _steps(numbers: Sequence[int]) -> str:
    return ", ".join(":" if n == 1 else f"::{n}" for n in numbers)


def _spell_windows(args: Sequence[Text], params: Mapping[str, str]) -> Text:
    given = {k: literal_eval(v) for k, v in params.items()}
    axis, stride, dilation = given["axis"], given["stride"], given["dilation"]
    reach = _reach(given["size"], dilation)
    text = f"sliding_window_view({args[0].code}, {reach}, axis={axis})"
    lead = [1] * (max(axis) + 1)
    for a, s in zip(axis, stride, strict=True):
        lead[a] = s
    keys = [_steps(lead)] if max(stride) > 1 else []
    if max(dilation) > 1:
        keys += ["...", _steps(dilation)]
    return Text(f"{text}[{', '.join(keys)}]" if keys else text)


def _add_windows(x: Any, parts: Any, *, size: Any, axis: Any, stride: Any, dilation: Any) -> Any:
    whole = np.zeros_like(x)
    for place in np.ndindex(*size):
        key = [slice(None)] * np.ndim(x)
        for a, i, s, d in zip(axis, place, stride, dilation, strict=True):
            key[a] = slice(i * d, i * d + s * np.shape(parts)[a], s)
        whole[tuple(key)] += parts[(..., *place)]
    return whole


@recordable
def add_windows(x: Any, parts: Any, size: Any, axis: Any, stride: Any, dilation: Any) -> Any:
    """An array in the shape of x in which every window's elements are added up at their places."""
    return _add_windows(x, parts, size=size, axis=axis, stride=stride, dilation=dilation)


def _spell_add(target: str, args: Sequence[Text], params: Mapping[str, str]) -> list[str]:
    x, parts = args
    size, axis, stride, dilation = (
        literal_eval(params[k]) for k in ("size", "axis", "stride", "dilation")
    )
    letters = "ijk"[: len(size)]
    key = [":"] * (max(axis) + 1)
    for a, i, s, d in zip(axis, letters, stride, dilation, strict=True):
        start = i if d == 1 else f"{d} * {i}"
        length = f"{parts.code}.shape[{a}]"
        end = f"{start} + {length}" if s == 1 else f"{start} + {s} * {length} : {s}"
        key[a] = f"{start} : {end}"
    loop = ", ".join(letters)
    over = f"{loop} in np.ndindex{size}" if len(size) > 1 else f"{loop} in range({size[0]})"
    return [
        f"{target} = np.zeros_like({x.code})",
        f"for {over}:",
        f"    {target}[{', '.join(key)}] += {parts.code}[..., {loop}]",
    ]


_PLANE = {"size": (2, 3), "axis": (1, 2), "stride": (1, 1), "dilation": (1, 1)}


@op(
    windows,
    view=True,
    carries=True,
    sizes=_window_sizes,
    spell=_spell_windows,
    imports=("from numpy.lib.stride_tricks import sliding_window_view",),
    letter="windows",
    samples=[
        call(normal(6), size=(2,), axis=(0,), stride=(1,), dilation=(1,)),
        call(normal(7), size=(2,), axis=(0,), stride=(2,), dilation=(3,)),
        call(normal(2, 4, 5), **_PLANE),
        call(normal(2, 6, 7), **{**_PLANE, "stride": (2, 1), "dilation": (1, 2)}),
    ],
)
def windows_(g: Any, out: Any, x: Any, *, size: Any, axis: Any, stride: Any, dilation: Any) -> Any:
    """All windows along some axes: an element gets the sum over the windows that it is in."""
    return (add_windows(x, g, size=size, axis=axis, stride=stride, dilation=dilation),)


@op(
    add_windows,
    run=_add_windows,
    like=True,
    carries=True,
    sizes=lambda book, x, parts, **params: list(x.sizes),
    statements=_spell_add,
    samples=[
        call(normal(6), normal(5, 2), size=(2,), axis=(0,), stride=(1,), dilation=(1,)),
        call(normal(2, 4, 5), normal(2, 3, 3, 2, 3), **_PLANE),
    ],
)
def add_windows_(
    g: Any, out: Any, x: Any, parts: Any, *, size: Any, axis: Any, stride: Any, dilation: Any
) -> Any:
    """The sum of what windows hold for each place: a window gets what stands at its places."""
    return None, windows(g, size=size, axis=axis, stride=stride, dilation=dilation)


@composed(np.lib.stride_tricks.sliding_window_view)
def sliding_window_view(x: Any, window_shape: Any, axis: Any = None) -> Any:
    """All windows of a shape, along new axes at the end."""
    size = (window_shape,) if np.ndim(window_shape) == 0 else tuple(window_shape)
    size = tuple(int(n) for n in size)
    axes = axes_of(axis, np.ndim(x)) if axis is not None else tuple(range(len(size)))
    if len(size) != len(axes) or len(set(axes)) != len(axes) or len(axes) > 3:
        raise refused("sliding_window_view with these axes")
    ones = (1,) * len(size)
    return windows(x, size=size, axis=axes, stride=ones, dilation=ones)


@composed(np.correlate)
def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    """Sums of products of one with the other one moved along."""
    n, m = int(np.shape(a)[0]), int(np.shape(v)[0])
    if m > n and mode != "full":
        raise refused("np.correlate with a second array that is the longer one")
    return convolve(a, np.flip(v, 0), mode)
