"""Arrays that are made, not given: zeros, ones, full, eye, arange, and constants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from retrograd.ops.dispatch import recordable
from retrograd.ops.samples import call, normal
from retrograd.ops.spelling import Text
from retrograd.ops.table import op
from retrograd.program import Expression, expression_of


def _shape_tuple(arrays: list[Any], params: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    shape = params["shape"] if "shape" in params else arrays.pop(0)
    given = tuple(shape) if isinstance(shape, tuple | list) else (shape,)
    return arrays, {**params, "shape": given}


def _given(book: Any, *operands: Any, shape: Sequence[Any], **params: Any) -> Sequence[Expression]:
    return [book.resolve(expression_of(n)) for n in shape]


def _spell_shaped(name: str) -> Any:
    def spell(args: Sequence[Text], params: Mapping[str, str]) -> Text:
        rest = [a.code for a in args] + [f"{k}={v}" for k, v in params.items() if k != "shape"]
        return Text(f"np.{name}({', '.join([params['shape'], *rest])})")

    return spell


@op(
    np.zeros,
    loop="0",
    samples=[call(shape=(2, 3))],
    prepare=_shape_tuple,
    sizes=_given,
    spell=_spell_shaped("zeros"),
    derivative="zero",
)
def zeros(*, shape: Any, dtype: Any = None) -> Any:
    """Zeros."""


@op(
    np.ones,
    loop="1",
    samples=[call(shape=(2, 3))],
    prepare=_shape_tuple,
    sizes=_given,
    spell=_spell_shaped("ones"),
    derivative="zero",
)
def ones(*, shape: Any, dtype: Any = None) -> Any:
    """Ones."""


def _full(fill_value: Any, shape: Any, dtype: Any = None) -> Any:
    return np.full(shape, fill_value, dtype)


def _full_operands(arrays: list[Any], params: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    if "fill_value" in params:
        arrays = [params.pop("fill_value")]
    return _shape_tuple(arrays, params)


@op(
    np.full,
    loop="{0}",
    run=_full,
    prepare=_full_operands,
    sizes=_given,
    spell=_spell_shaped("full"),
    samples=[call(normal(), shape=(3, 4))],
    spreads=True,
)
def full(g: Any, out: Any, fill_value: Any, *, shape: Any, dtype: Any = None) -> Any:
    """One number everywhere: it gets the sum of the gradient."""
    return (g,)


def _like_sizes(book: Any, x: Any, *rest: Any, **params: Any) -> Sequence[Expression]:
    return list(x.sizes)


@op(
    np.zeros_like,
    np.empty_like,
    loop="0",
    like=True,
    sizes=_like_sizes,
    derivative="zero",
    samples=[call(normal(3, 4))],
)
def zeros_like(x: Any, *, dtype: Any = None) -> Any:
    """Zeros in the shape and dtype of x."""


@op(
    np.ones_like,
    loop="1",
    like=True,
    sizes=_like_sizes,
    derivative="zero",
    samples=[call(normal(3, 4))],
)
def ones_like(x: Any, *, dtype: Any = None) -> Any:
    """Ones in the shape and dtype of x."""


@op(
    np.full_like,
    loop="{1}",
    like=True,
    sizes=_like_sizes,
    spreads=True,
    samples=[call(normal(3, 4), normal())],
)
def full_like(g: Any, out: Any, x: Any, fill_value: Any, *, dtype: Any = None) -> Any:
    """One number everywhere, in the shape and dtype of x; its gradient is the sum."""
    return None, g


def _eye_params(arrays: list[Any], params: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    if arrays:
        params = {**params, "N": arrays[0]}
    return [], params


def _eye_sizes(book: Any, *, N: Any, M: Any = None, **params: Any) -> Sequence[Expression]:
    columns = N if M is None else M
    return [book.resolve(expression_of(n)) for n in (N, columns)]


def _spell_eye(args: Sequence[Text], params: Mapping[str, str]) -> Text:
    rest = [f", {k}={v}" for k, v in params.items() if k != "N"]
    return Text(f"np.eye({params['N']}{''.join(rest)})")


@op(
    np.eye,
    samples=[call(N=3), call(N=2, M=3, k=1)],
    prepare=_eye_params,
    sizes=_eye_sizes,
    spell=_spell_eye,
    derivative="zero",
)
def eye(*, N: Any, M: Any = None, k: int = 0, dtype: Any = None) -> Any:
    """Ones on the diagonal."""


def _arange_params(arrays: list[Any], params: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    names = ("start_or_stop", "start", "stop", "step")
    bounds = [*arrays, *(params.pop(k) for k in names if params.get(k) is not None)]
    kept = {k: v for k, v in params.items() if k not in names}
    start, stop = (0, bounds[0]) if len(bounds) == 1 else bounds[:2]
    return [], {**kept, "stop": stop, "start": start, "step": bounds[2] if len(bounds) > 2 else 1}


def _arange_sizes(book: Any, *, stop: Any, **params: Any) -> Sequence[Expression] | None:
    whole = isinstance(stop, int) and not params.keys() & {"start", "step"}
    return [book.resolve(expression_of(stop))] if whole else None


def _run_arange(stop: Any, start: Any = 0, step: Any = 1, dtype: Any = None) -> Any:
    return np.arange(*(start, stop, step), dtype=dtype)


def _spell_arange(args: Sequence[Text], params: Mapping[str, str]) -> Text:
    bounds = [params["stop"]]
    if "start" in params or "step" in params:
        bounds = [params.get("start", "0"), params["stop"]]
    if "step" in params:
        bounds.append(params["step"])
    bounds += [f"dtype={params['dtype']}"] if "dtype" in params else []
    return Text(f"np.arange({', '.join(bounds)})")


@op(
    np.arange,
    run=_run_arange,
    prepare=_arange_params,
    sizes=_arange_sizes,
    spell=_spell_arange,
    derivative="zero",
    letter="rows",
    samples=[call(stop=4), call(stop=7, start=1, step=2)],
)
def arange(*, stop: Any, start: Any = 0, step: Any = 1, dtype: Any = None) -> Any:
    """Whole numbers in a row."""


@recordable
def constant_array(x: Any) -> Any:
    """An array that stands in the program itself."""
    return np.asarray(x)


@op(
    constant_array,
    run=np.asarray,
    alias=True,
    sizes=lambda book, x: list(x.sizes),
    carries=True,
    lazy=True,
    spell=lambda args, params: args[0],
    samples=[call(normal(3, 4))],
)
def array(g: Any, out: Any, x: Any) -> Any:
    """The array itself."""
    return (g,)


@recordable
def copy_of(x: Any) -> Any:
    """A copy of an array."""
    return np.array(x)


@op(
    copy_of,
    sizes=_like_sizes,
    carries=True,
    lazy=True,
    loop="{0}",
    spell=lambda args, params: Text(f"{args[0].array}.copy()"),
    samples=[call(normal(3, 4))],
)
def copy(g: Any, out: Any, x: Any) -> Any:
    """The same numbers in memory of their own."""
    return (g,)
