"""Where a layer object keeps its parameters and their gradients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

FORWARD = (
    "forward",
    "fprop",
    "feed_forward",
    "feedforward",
    "forward_pass",
    "forward_propagation",
    "__call__",
    "call",
    "apply",
    "activate",
    "predict",
)
BACKWARD = (
    "backward",
    "backprop",
    "bprop",
    "backward_pass",
    "backward_propagation",
    "backpropagate",
    "back_propagation",
    "backpropagation",
    "back",
    "grad",
)
INPUT = ("input", "inputs", "x", "X", "inp", "in_")
RESULT = ("value", "output", "outputs", "out", "result", "y", "a")
GRADIENT = ("gradient", "grad", "dinputs", "dinput", "dx", "input_gradient", "gradients", "delta")

_SPELLINGS = (
    "d{}",
    "d_{}",
    "grad_{}",
    "{}_grad",
    "{}_gradient",
    "gradient_{}",
    "grad{}",
    "g{}",
    "{}grad",
    "delta_{}",
    "nabla_{}",
    "{}_g",
    "{}_derivative",
    "d{}s",
    "grads_{}",
)
_VALUES, _GRADS = ("data", "value", "val", "w", "param"), ("grad", "gradient", "g", "d")


@dataclass(frozen=True)
class Member:
    """A parameter of a layer.

    Attributes:
        name: what it is called.
        path: where it is: attribute names and keys of dicts.
        gradient_path: where its gradient is; None if backward returns it, or updates the weight.
        returned: its place among what backward returns.
    """

    name: str
    path: tuple[Any, ...]
    gradient_path: tuple[Any, ...] | None = None
    returned: int | None = None

    def get(self, attributes: Mapping[str, Any]) -> Any:
        """Its array among an object's attributes."""
        return np.array(_at(attributes[self.path[0]], self.path[1:]), dtype=np.float64)

    def put(self, layer: Any, array: Any) -> None:
        """Give a layer another array for it."""
        if len(self.path) == 1:
            setattr(layer, self.path[0], array)
            return
        owner = _at(getattr(layer, self.path[0]), self.path[1:-1])
        if isinstance(owner, dict):
            owner[self.path[-1]] = array
        else:
            setattr(owner, self.path[-1], array)

    def gradient(self, layer: Any, before: Any, returned: Any, rate: float) -> Any:
        """Its gradient after backward; from its update, where backward moves the weight."""
        if self.gradient_path is not None:
            return _at(getattr(layer, self.gradient_path[0]), self.gradient_path[1:])
        if self.returned is not None:
            return returned[self.returned]
        now = _at(getattr(layer, self.path[0]), self.path[1:])
        return (before - now) / rate


def first_of(layer: Any, names: Sequence[str]) -> str | None:
    """The first of these attributes that an object has."""
    return next((n for n in names if getattr(layer, n, None) is not None), None)


def parameters_of(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    returned: Sequence[Any],
    wanted: Sequence[str] | None,
) -> list[Member]:
    """The parameters of a layer: arrays that have a gradient, or that backward changes.

    Args:
        before: its attributes before it ran.
        after: its attributes after backward.
        returned: what backward returned after the gradient of the input.
        wanted: the parameters' names; None: those that are found.
    """
    found = [*_attributes(before, after), *_in_dicts(before, after), *_objects(before, after)]
    if not found and returned:
        found = _by_shape(before, returned)
    if not found:
        found = [
            Member(n, (n,))
            for n, thing in before.items()
            if is_float(thing) and n in after and _moved(thing, after[n])
        ]
    if wanted is not None:
        found = [m for m in found if m.name in wanted]
    return found


def _attributes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Member]:
    found = []
    for name, thing in before.items():
        if not is_float(thing):
            continue
        for spelling in _SPELLINGS:
            other = next(
                (
                    spelling.format(n)
                    for n in (name, name.lower(), name.lstrip("_"))
                    if spelling.format(n) in after and spelling.format(n) != name
                ),
                None,
            )
            if other is not None and after[other] is not None:
                found.append(Member(name.lstrip("_"), (name,), (other,)))
                break
    return found


def _in_dicts(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Member]:
    """`params = {"W": ...}` with `grads = {"W": ...}` or `{"dW": ...}`."""
    found = []
    for name, thing in before.items():
        if not isinstance(thing, dict) or not any(is_float(v) for v in thing.values()):
            continue
        for other, gradients in after.items():
            if other == name or not isinstance(gradients, dict):
                continue
            for key, value in thing.items():
                spelled = next((k for k in (key, f"d{key}", f"d_{key}") if k in gradients), None)
                if is_float(value) and spelled is not None:
                    found.append(Member(str(key), (name, key), (other, spelled)))
    return found


def _objects(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Member]:
    """`self.W = Parameter(...)`, an object with its value and its gradient."""
    found = []
    for name, thing in before.items():
        own = getattr(thing, "__dict__", None)
        later = getattr(after.get(name), "__dict__", None)
        if not isinstance(own, dict) or not isinstance(later, dict):
            continue
        value = next((v for v in _VALUES if is_float(own.get(v))), None)
        gradient = next((g for g in _GRADS if later.get(g) is not None), None)
        if value is not None and gradient is not None:
            found.append(Member(name, (name, value), (name, gradient)))
    return found


def _by_shape(before: Mapping[str, Any], returned: Sequence[Any]) -> list[Member]:
    """What backward returns after the input's gradient, beside the attributes in their order."""
    left = [n for n, thing in before.items() if is_float(thing) and np.size(thing) > 0]
    found = []
    for place, gradient in enumerate(returned, 1):
        name = next((n for n in left if np.shape(before[n]) == np.shape(gradient)), None)
        if name is not None:
            left.remove(name)
            found.append(Member(name, (name,), returned=place))
    return found


def is_float(thing: Any) -> bool:
    """Whether an attribute is an array of floats."""
    return isinstance(thing, np.ndarray) and thing.dtype.kind == "f"


def _moved(a: Any, b: Any) -> bool:
    return np.shape(a) == np.shape(b) and not np.array_equal(a, b)


def _at(thing: Any, path: Sequence[Any]) -> Any:
    for key in path:
        thing = thing[key] if isinstance(thing, dict) else getattr(thing, key)
    return thing
