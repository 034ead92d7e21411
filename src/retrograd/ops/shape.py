"""Shapes: reshape, transpose, swapaxes, expand_dims, squeeze, broadcast_to, astype."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from retrograd.ops import spelling
from retrograd.ops.dispatch import recordable
from retrograd.ops.samples import call, normal
from retrograd.ops.spelling import Text
from retrograd.ops.symbol import astype_call
from retrograd.ops.table import Sized, op
from retrograd.program import Expression, expression_of, plain


def _shape_params(arrays: list[Any], params: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    shape = params.pop("newshape", None) if "newshape" in params else params.get("shape")
    if shape is None:
        shape = arrays.pop()
    if not isinstance(shape, tuple):
        shape = tuple(shape) if isinstance(shape, list) else (shape,)
    return arrays, {**params, "shape": shape}


def _reshape_sizes(book: Any, x: Sized, *, shape: Sequence[Any]) -> Sequence[Expression]:
    total = Expression.of(1)
    for size in x.sizes:
        total = total * book.resolve(size)
    sizes = [book.resolve(expression_of(n)) for n in shape]
    known = Expression.of(1)
    for n, size in zip(shape, sizes, strict=True):
        if plain(n) != -1:
            known = known * size
    if -1 not in plain(tuple(shape)):
        book.same(total, known)
        return sizes
    rest = total * known.reciprocal()
    return [rest if plain(n) == -1 else size for n, size in zip(shape, sizes, strict=True)]


def _on(name: str) -> spelling.Spelling:
    """`x.reshape(a, b)` from a tuple parameter."""

    def spell(args: Sequence[Text], params: Mapping[str, str]) -> Text:
        inside = next(iter(params.values()))
        inside = inside[1:-1].rstrip(",") if inside.startswith("(") else inside
        return Text(f"{args[0].array}.{name}({inside or '()'})")

    return spell


@op(
    np.reshape,
    view=True,
    run=lambda x, shape: np.reshape(x, shape),
    carries=True,
    lazy="number",
    prepare=_shape_params,
    sizes=_reshape_sizes,
    spell=_on("reshape"),
    samples=[
        call(normal(3, 4), shape=(4, 3)),
        call(normal(3, 4), shape=(-1,)),
        call(normal(3, 4), shape=(2, -1)),
        call(normal(2, 3, 4), shape=(2, 12)),
        call(normal(1), shape=()),
        call(normal(), shape=(1, 1)),
    ],
)
def reshape(g: Any, out: Any, x: Any, *, shape: Any) -> Any:
    """The same elements in another shape: the gradient takes the old shape."""
    return (g if np.ndim(g) == 0 else np.reshape(g, np.shape(x)),)


def _axes(axes: Any, ndim: int) -> tuple[int, ...]:
    return tuple(reversed(range(ndim))) if axes is None else tuple(int(a) % ndim for a in axes)


def _axes_tuple(arrays: list[Any], params: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    axes = params.get("axes")
    return arrays, {**params, "axes": (axes,)} if isinstance(axes, int) else params


def _spell_transpose(args: Sequence[Text], params: Mapping[str, str]) -> Text:
    return _on("transpose")(args, params) if params else Text(f"{args[0].array}.T")


@op(
    np.transpose,
    view=True,
    prepare=_axes_tuple,
    carries=True,
    lazy="number",
    sizes=lambda book, x, axes=None: [x.sizes[a] for a in _axes(axes, len(x.shape))],
    spell=_spell_transpose,
    samples=[
        call(normal()),
        call(normal(3)),
        call(normal(3, 4)),
        call(normal(2, 3, 4)),
        call(normal(2, 3, 4), axes=(1, 2, 0)),
        call(normal(2, 3, 4), axes=(-1, 0, 1)),
    ],
)
def transpose(g: Any, out: Any, x: Any, *, axes: Any = None) -> Any:
    """Axes in another order: the gradient's axes go back."""
    if axes is None or np.ndim(g) == 0:
        return (g if np.ndim(g) == 0 else np.transpose(g),)
    back = tuple(int(a) for a in np.argsort(_axes(axes, np.ndim(x))))
    return (np.transpose(g, back),)


def _swapped(book: Any, x: Sized, *, axis1: int, axis2: int) -> Sequence[Expression]:
    sizes = list(x.sizes)
    sizes[axis1], sizes[axis2] = sizes[axis2], sizes[axis1]
    return sizes


def _spell_swapaxes(args: Sequence[Text], params: Mapping[str, str]) -> Text:
    return Text(f"{args[0].array}.swapaxes({params['axis1']}, {params['axis2']})")


@op(
    np.swapaxes,
    view=True,
    carries=True,
    sizes=_swapped,
    spell=_spell_swapaxes,
    samples=[call(normal(2, 3, 4), axis1=-1, axis2=-2), call(normal(3, 4), axis1=0, axis2=1)],
)
def swapaxes(g: Any, out: Any, x: Any, *, axis1: int, axis2: int) -> Any:
    """Two axes exchanged: the gradient's are exchanged back."""
    return (np.swapaxes(g, axis1, axis2),)


def _expanded_axes(axis: Any, ndim: int) -> tuple[int, ...]:
    given = axis if isinstance(axis, tuple | list) else (axis,)
    return tuple(sorted(int(a) % (ndim + len(given)) for a in given))


def _expanded(book: Any, x: Sized, *, axis: Any) -> Sequence[Expression]:
    new = _expanded_axes(axis, len(x.shape))
    old = iter(x.sizes)
    return [Expression.of(1) if i in new else next(old) for i in range(len(x.shape) + len(new))]


def _spell_expand(args: Sequence[Text], params: Mapping[str, str]) -> Text:
    axis = params["axis"]
    if axis in ("0", "1", "-1"):
        key = {"0": "None", "1": ":, None", "-1": "..., None"}[axis]
        return Text(f"{args[0].array}[{key}]")
    return spelling.call("np.expand_dims")(args, params)


@op(
    np.expand_dims,
    view=True,
    carries=True,
    lazy="number",
    sizes=_expanded,
    spell=_spell_expand,
    samples=[
        call(normal(), axis=0),
        call(normal(3), axis=0),
        call(normal(3), axis=1),
        call(normal(3, 4), axis=1),
        call(normal(3, 4), axis=-1),
        call(normal(3, 4), axis=(0, 2)),
    ],
)
def expand_dims(g: Any, out: Any, x: Any, *, axis: Any) -> Any:
    """New axes of length 1: the gradient loses them."""
    if np.ndim(g) == 0:
        return (g,)
    axes = _expanded_axes(axis, np.ndim(x))
    return (np.squeeze(g, axes if len(axes) > 1 else axes[0]),)


def _squeezed_axes(axis: Any, shape: Sequence[int]) -> tuple[int, ...]:
    if axis is None:
        return tuple(i for i, n in enumerate(shape) if n == 1)
    given = axis if isinstance(axis, tuple | list) else (axis,)
    return tuple(int(a) % len(shape) for a in given)


def _which_axes(arrays: list[Any], params: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Without `axis` it is the axes of length 1; the others must not be 1 in another run either."""
    if params.get("axis") is None:
        shape = np.shape(arrays[0])
        params = {**params, "axis": tuple(i for i, n in enumerate(shape) if bool(n == 1))}
    return arrays, params


def _squeezed(book: Any, x: Sized, *, axis: Any = None) -> Sequence[Expression]:
    if axis is None:  # which axes go depends on every size
        return [s for s, n in zip(x.sizes, x.shape, strict=True) if n != 1]
    gone = _squeezed_axes(axis, x.shape)
    return [s for i, s in enumerate(x.sizes) if i not in gone]


@op(
    np.squeeze,
    view=True,
    prepare=_which_axes,
    carries=True,
    lazy="number",
    sizes=_squeezed,
    spell=spelling.method("squeeze"),
    samples=[
        call(normal(1, 3, 1)),
        call(normal(1, 3, 1), axis=0),
        call(normal(1, 3, 1), axis=-1),
        call(normal(1, 3, 1), axis=(0, 2)),
        call(normal(1)),
    ],
)
def squeeze(g: Any, out: Any, x: Any, *, axis: Any = None) -> Any:
    """Without axes of length 1: the gradient gets them back."""
    axes = _squeezed_axes(axis, plain(np.shape(x)))
    if not axes or np.ndim(g) == 0:
        return (g,)
    return (np.expand_dims(g, axes if len(axes) > 1 else axes[0]),)


def _target(book: Any, x: Sized, *, shape: Sequence[Any]) -> Sequence[Expression]:
    target = [book.resolve(expression_of(n)) for n in shape]
    return list(book.broadcast((x.shape, x.sizes), (plain(tuple(shape)), target)))


@op(
    np.broadcast_to,
    view=True,
    spreads=True,
    carries=True,
    lazy=True,
    prepare=_shape_params,
    sizes=_target,
    samples=[
        call(normal(), shape=(3,)),
        call(normal(4), shape=(3, 4)),
        call(normal(3, 1), shape=(3, 4)),
        call(normal(1, 4), shape=(2, 3, 4)),
    ],
)
def broadcast_to(g: Any, out: Any, x: Any, *, shape: Any) -> Any:
    """Copies along new or length-1 axes: the walker adds the copies' gradients up."""
    return (g,)


@recordable
def as_float(x: Any) -> Any:
    """A number as Python's float."""
    return float(x)


@op(
    as_float,
    carries=True,
    lazy=True,
    sizes=lambda book, x: [],
    spell=spelling.call("float"),
    samples=[call(normal())],
)
def as_float_(g: Any, out: Any, x: Any) -> Any:
    """float(x): the gradient passes."""
    return (g,)


def _spell_astype(args: Sequence[Text], params: Mapping[str, str]) -> Text:
    return Text(f"{args[0].array}.astype({params['dtype']})")


@op(
    astype_call,
    view=True,
    run=lambda x, dtype: np.asarray(x).astype(dtype),
    loop="{0}",
    carries=True,
    sizes=lambda book, x, dtype: x.sizes,
    spell=_spell_astype,
    samples=[call(normal(3, 4), dtype=np.dtype("float64"))],
)
def astype(g: Any, out: Any, x: Any, *, dtype: Any) -> Any:
    """Another dtype: the gradient goes back to x's; none through a whole-number dtype."""
    if np.dtype(dtype).kind != "f":
        return (None,)
    return (g,)
