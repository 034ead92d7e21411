"""A `torch.autograd.Function` as a pair of functions of NumPy arrays.

With arrays, PyTorch itself runs it, in float64. With symbols its two methods are called on
`Tensor`, which knows PyTorch's names and calls NumPy's functions: so they are recorded line by
line. What it does not know cannot be recorded, and is compared by its numbers alone.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from retrograd.diagnosis.pair import Pair
from retrograd.ops.symbol import Symbol

Function = Callable[..., Any]


class TorchPair(Pair):
    """The forward and the backward of a `torch.autograd.Function`, on arrays or symbols.

    Args:
        kind: the class.
    """

    def __init__(self, kind: Any) -> None:
        super().__init__(kind.forward, kind.backward)
        self.kind, self.late = kind, "setup_context" in vars(kind)
        self.names = self.names if self.late else self.names[1:]
        self.context = _Context()
        self.arguments: list[Any] = []

    def whole(self, arguments: Sequence[Any], above: Any = None) -> Any:
        """PyTorch itself, on arrays: the result, or the gradients where one is given for it."""
        if any(type(a) is Symbol for a in arguments):
            return None
        taken = [_leaf(a) for a in arguments]
        out = self.kind.apply(*taken)
        first = out[0] if isinstance(out, tuple) else out
        if above is None:
            return first.detach().numpy().copy()
        first.backward(torch.tensor(np.asarray(above)))
        found = [getattr(t, "grad", None) for t in taken]
        return tuple(None if t is None else t.detach().numpy().copy() for t in found)

    def taken(self, arguments: Sequence[Any]) -> Sequence[Any]:
        """The context and the tensors."""
        self.context = _Context()
        self.arguments = [Tensor(a) if hasattr(a, "shape") else a for a in arguments]
        return self.arguments if self.late else [self.context, *self.arguments]

    def made(self, out: Any) -> tuple[Any, Any]:
        """The result's array; the context keeps the rest."""
        if self.late:
            self.kind.setup_context(self.context, tuple(self.arguments), out)
        return _plain(out[0] if isinstance(out, tuple) else out), None

    def sent(self, g: Any, out: Any, cache: Any, given: Mapping[str, Any]) -> Sequence[Any]:
        """The context and the gradient of the result."""
        return [self.context, Tensor(g)]

    def returned(self, found: Any) -> Any:
        """The arrays of the gradients."""
        return tuple(map(_plain, found)) if isinstance(found, tuple) else _plain(found)


def _leaf(thing: Any) -> Any:
    if not isinstance(thing, np.ndarray | np.generic | float):
        return thing
    made = torch.tensor(np.asarray(thing))
    return made.requires_grad_(made.is_floating_point())


class _Context(SimpleNamespace):
    """PyTorch's ctx."""

    needs_input_grad = (True,) * 32
    saved_tensors: tuple[Any, ...] = ()

    def save_for_backward(self, *tensors: Any) -> None:
        self.saved_tensors = tensors

    def mark_dirty(self, *tensors: Any) -> None:
        pass

    def mark_non_differentiable(self, *tensors: Any) -> None:
        pass

    def set_materialize_grads(self, value: bool) -> None:
        pass


class Tensor:
    """An array or a symbol under PyTorch's names.

    Args:
        array: what it stands for.
    """

    def __init__(self, array: Any) -> None:
        self.array = array

    @classmethod
    def __torch_function__(
        cls, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        return _call(func.__name__, args, dict(kwargs or {}))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in ("shape", "dtype", "ndim"):
            return getattr(self.array, name)
        if name in ("T", "mT"):
            return Tensor(np.swapaxes(self.array, -1, -2))
        return lambda *args, **kwargs: _call(name, (self, *args), kwargs)

    def __getitem__(self, key: Any) -> Tensor:
        return Tensor(self.array[_plain(key)])

    def __setitem__(self, key: Any, value: Any) -> None:
        self.array[_plain(key)] = _plain(value)

    def __len__(self) -> int:
        return len(self.array)

    def __float__(self) -> float:
        return float(self.array)


def _operator(name: str) -> None:
    function = getattr(operator, name)
    setattr(Tensor, f"__{name}__", lambda a, b: Tensor(function(a.array, _plain(b))))
    setattr(Tensor, f"__r{name}__", lambda a, b: Tensor(function(_plain(b), a.array)))


for _name in ("add", "sub", "mul", "truediv", "pow", "matmul"):
    _operator(_name)


def _comparison(name: str) -> None:
    function = getattr(operator, name)
    setattr(Tensor, f"__{name}__", lambda a, b: Tensor(function(a.array, _plain(b))))


for _name in ("gt", "ge", "lt", "le", "eq", "ne"):
    _comparison(_name)
setattr(Tensor, "__neg__", lambda a: Tensor(-a.array))  # noqa: B010
setattr(Tensor, "__invert__", lambda a: Tensor(~a.array))  # noqa: B010


def _plain(thing: Any) -> Any:
    """What stands behind a tensor, or behind several."""
    if isinstance(thing, Tensor):
        return thing.array
    if isinstance(thing, torch.Tensor):
        return thing.detach().numpy()
    if isinstance(thing, tuple | list):
        return type(thing)(map(_plain, thing))
    return thing


_AXES = {"dim": "axis", "keepdim": "keepdims"}
_IGNORED = ("dtype", "device")
_SAME = {"mm": "matmul", "bmm": "matmul", "mul": "multiply", "sub": "subtract", "div": "divide"}
_SAME |= {
    "pow": "power",
    "clone": "copy",
    "t": "transpose",
    "neg": "negative",
    "cat": "concatenate",
}
_SAME |= {"gt": "greater", "ge": "greater_equal", "lt": "less", "le": "less_equal", "eq": "equal"}
_NOTHING = ("contiguous", "detach", "double", "float", "to", "type_as", "type", "cpu", "numpy")


def _call(name: str, args: Any, kwargs: dict[str, Any]) -> Any:
    """A function of PyTorch's, by NumPy's.

    Raises:
        TypeError: there is none of this name.
    """
    first, *rest = (_plain(a) for a in args)
    options = {
        _AXES.get(k, k): _plain(v) for k, v in kwargs.items() if k not in ("dtype", "device")
    }
    name = name.strip("_") if name.startswith("__") else name
    if name in _NOTHING:
        return Tensor(first)
    own = _OWN.get(name)
    if own is not None:
        found = own(first, *rest, **options)
    else:
        function = getattr(np, _SAME.get(name, name), None)
        if function is None:
            raise TypeError(f"torch.{name} is not known here")
        found = function(first, *rest, **options)
    if isinstance(found, tuple) and name not in ("size",):
        return tuple(map(Tensor, found))
    return Tensor(found) if hasattr(found, "shape") else found


def _several(shape: tuple[Any, ...]) -> Any:
    return shape[0] if len(shape) == 1 and isinstance(shape[0], tuple | list) else shape


def _expanded(own: Any, shape: Any) -> tuple[Any, ...]:
    """The shape, where -1 keeps a length."""
    kept = (1,) * (len(shape) - len(own)) + tuple(own)
    return tuple(k if n == -1 else n for k, n in zip(kept, shape, strict=True))


def _size(x: Any, dim: int | None = None, axis: int | None = None) -> Any:
    where = dim if dim is not None else axis
    return x.shape if where is None else x.shape[where]


def _extreme(reduce: Function, pick: Function, pairwise: Function) -> Function:
    def run(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        if axis is None:
            return reduce(x)
        if not isinstance(axis, int):
            return pairwise(x, axis)
        return reduce(x, axis=axis, keepdims=keepdims), pick(x, axis=axis)

    return run


def _softmax(x: Any, axis: int = -1) -> Any:
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def _logsumexp(x: Any, axis: int = -1, keepdims: bool = False) -> Any:
    top = np.max(x, axis=axis, keepdims=True)
    found = top + np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True))
    return found if keepdims else np.squeeze(found, axis=axis)


def _clamp(x: Any, min: Any = None, max: Any = None) -> Any:
    return np.clip(x, min, max)


_OWN: dict[str, Function] = {
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "relu": lambda x: np.maximum(x, 0),
    "softplus": lambda x: np.logaddexp(x, 0),
    "silu": lambda x: x / (1 + np.exp(-x)),
    "softmax": _softmax,
    "log_softmax": lambda x, axis=-1: x - _logsumexp(x, axis, True),
    "logsumexp": _logsumexp,
    "clamp": _clamp,
    "clamp_min": lambda x, least: np.maximum(x, least),
    "max": _extreme(np.max, np.argmax, np.maximum),
    "min": _extreme(np.min, np.argmin, np.minimum),
    "unsqueeze": lambda x, axis: np.expand_dims(x, axis),
    "squeeze": lambda x, axis=None: np.squeeze(x, axis),
    "transpose": lambda x, a, b: np.swapaxes(x, a, b),
    "permute": lambda x, *axes: np.transpose(x, _several(axes)),
    "view": lambda x, *shape: np.reshape(x, _several(shape)),
    "reshape": lambda x, *shape: np.reshape(x, _several(shape)),
    "view_as": lambda x, other: np.reshape(x, other.shape),
    "expand_as": lambda x, other: np.broadcast_to(x, other.shape),
    "expand": lambda x, *shape: np.broadcast_to(x, _expanded(x.shape, _several(shape))),
    "masked_fill": lambda x, mask, value: np.where(mask, value, x),
    "addmm": lambda b, x, w: b + x @ w,
    "size": _size,
    "dim": lambda x: x.ndim,
    "numel": lambda x: x.size,
    "item": float,
    "sum": lambda x, *axis, **options: np.sum(x, **_reduced(axis, options)),
    "mean": lambda x, *axis, **options: np.mean(x, **_reduced(axis, options)),
    "var": lambda x, *axis, unbiased=True, correction=1, **options: np.var(
        x, ddof=int(correction if unbiased else 0), **_reduced(axis, options)
    ),
    "zero_": lambda x: np.zeros_like(x),
    "diag_embed": lambda x: np.eye(x.shape[-1]) * x[..., None],
    "outer": np.outer,
}


def _reduced(places: tuple[Any, ...], options: dict[str, Any]) -> dict[str, Any]:
    """The axis and whether it is kept, given by place or by name."""
    found = dict(options)
    if places:
        found["axis"] = tuple(places[0]) if isinstance(places[0], list) else places[0]
    if len(places) > 1:
        found["keepdims"] = places[1]
    return found
