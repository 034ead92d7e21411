"""diagnose_layer with a pair of functions: forward(x, w, ...) and backward(g, cache).

So they are written in courses; the two methods of a `torch.autograd.Function` are such a pair.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from retrograd.diagnosis.diagnosis import diagnosed
from retrograd.diagnosis.finding import Diagnosis
from retrograd.diagnosis.forward import ABOVE
from retrograd.diagnosis.probe import Probe, array_of, differentiable, quiet
from retrograd.errors import ArgumentError

Function = Callable[..., Any]
_OWN = 20_719
_CACHES = ("cache", "ctx", "context", "saved", "memory", "state", "tape")
_UPSTREAM = ("g", "grad", "dout", "upstream", "delta", "up", "error", "gradient")


class Pair:
    """Two functions, and how they are called.

    Args:
        forward: the function.
        backward: its backward.
    """

    def __init__(self, forward: Function, backward: Function) -> None:
        self.forward, self.backward = forward, backward
        self.names = names_of(forward)
        self.roles = roles_of(backward, self.names)

    def whole(self, arguments: Sequence[Any], above: Any = None) -> Any:
        """Both at once, where something else than the two functions runs them; else None."""
        return None

    def taken(self, arguments: Sequence[Any]) -> Sequence[Any]:
        """What forward is called with."""
        return arguments

    def made(self, out: Any) -> tuple[Any, Any]:
        """Its result, and what it keeps for backward."""
        if isinstance(out, tuple) and len(out) > 1:
            return out[0], out[1] if len(out) == 2 else out[1:]
        return out, out

    def sent(self, g: Any, out: Any, cache: Any, given: Mapping[str, Any]) -> Sequence[Any]:
        """What backward is called with."""
        known = {**given, "g": g, "out": out, "cache": cache}
        return [known.get(role) for role in self.roles]

    def returned(self, found: Any) -> Any:
        """What backward makes, as arrays."""
        return found


def as_pair(layer: Any) -> Pair | None:
    """The two functions of what is given in place of a layer; None where it is an object."""
    if isinstance(layer, tuple | list) and len(layer) == 2 and all(map(callable, layer)):
        return Pair(layer[0], layer[1])
    kinds = layer.__mro__ if isinstance(layer, type) else ()
    if any(k.__module__ == "torch.autograd.function" for k in kinds):
        from retrograd.diagnosis.torch_function import TorchPair  # needs PyTorch

        return TorchPair(layer)
    return None


def diagnose_pair(pair: Pair, x: Any, seed: int) -> Diagnosis:
    """The diagnosis of a pair of functions.

    Args:
        pair: forward, which returns its result, or a tuple of it and what the backward needs; and
            backward, which takes the gradient of the result, and what forward returned beside it,
            the result, or arguments of forward by their names. It returns the gradients of
            forward's arguments, in order, or a dict.
        x: forward's argument; several in a tuple or in a dict.
        seed: for the weights.

    Raises:
        ArgumentError: RG585, what backward returns cannot be assigned to the arguments.
    """
    given = _given(x, pair.names)
    names = list(given)
    order = [n for n in names if differentiable(given[n])]
    forward, backward = pair.forward, pair.backward
    with quiet():
        arguments = copy.deepcopy(list(given.values()))
        whole = pair.whole(arguments)
        result = pair.made(forward(*arguments))[0] if whole is None else whole
    weights = np.random.default_rng([seed, _OWN]).normal(size=np.shape(result))

    def loss(i: Mapping[str, Any]) -> Any:
        arguments = [i[n] for n in names]
        whole = pair.whole(arguments)
        if whole is None:  # called from here, so that the user's lines can be followed
            whole = pair.made(forward(*pair.taken(arguments)))[0]
        return np.sum(whole * i[ABOVE])

    def grads(i: Mapping[str, Any]) -> Any:
        arguments = [i[n] for n in names]
        found = pair.whole(arguments, i[ABOVE])
        if found is None:
            out, cache = pair.made(forward(*pair.taken(arguments)))
            found = pair.returned(backward(*pair.sent(i[ABOVE], out, cache, i)))
        return _named(found, names, order)

    return diagnosed(Probe(loss, grads, {**given, ABOVE: weights}))


def names_of(function: Function) -> list[str]:
    """The names of a function's positional arguments."""
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    places = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p.name for p in found if p.kind in places]


def _given(x: Any, names: Sequence[str]) -> dict[str, Any]:
    """The arguments of forward by their names."""
    if isinstance(x, Mapping):
        return dict(x)
    several = x if isinstance(x, tuple) else (x,)
    named = [*names[: len(several)], *(f"x{k}" for k in range(len(names), len(several)))]
    return {n: _as_floats(thing) for n, thing in zip(named, several, strict=True)}


def _as_floats(thing: Any) -> Any:
    array = array_of(thing)
    integers = getattr(thing, "dtype", None) is not None and thing.dtype.kind in "iub"
    return thing if array is None or integers else array


def roles_of(backward: Function, names: Sequence[str]) -> list[str]:
    """What each argument of a backward is: "g", "cache", "out", or an argument of forward."""
    parameters = inspect.signature(backward).parameters.values()
    needed = [p.name for p in parameters if p.default is p.empty and p.kind not in (2, 4)]
    roles = ["cache" if n.lower().strip("_") in _CACHES else n for n in needed]
    roles = [r if r in names or r == "cache" else "" for r in roles]
    for spelled in (True, False):
        free = [k for k, role in enumerate(roles) if not role]
        if "g" in roles:
            break
        for k in free:
            plain = needed[k].lower().strip("_")
            if not spelled or plain.startswith("d") or plain.split("_")[0] in _UPSTREAM:
                roles[k] = "g"
                break
    if "g" not in roles and roles:
        roles[0] = "g"
    return [role or ("cache" if k == len(roles) - 1 else "out") for k, role in enumerate(roles)]


def _named(returned: Any, names: Sequence[str], order: Sequence[str]) -> dict[str, Any]:
    """What a backward returns, by the names of the arguments that it belongs to.

    Raises:
        ArgumentError: RG585, there are more or fewer than arguments.
    """
    if isinstance(returned, Mapping):
        return dict(returned)
    found = list(returned) if isinstance(returned, tuple | list) else [returned]
    for owners in (names, order):
        if len(found) == len(owners):
            pairs = zip(owners, found, strict=True)
            return {f"d{n}": g for n, g in pairs if g is not None and n in order}
    if len(found) < len(order):
        return {f"d{n}": g for n, g in zip(order, found, strict=False) if g is not None}
    raise ArgumentError(
        "RG585",
        f"backward returns {len(found)} gradients for {len(names)} arguments",
        help="return one for each argument of forward, in their order, or a dict",
    )
