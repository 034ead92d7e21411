"""diagnose_layer(layer, x): the backward of one layer object against its own forward.

The layer's result is weighed with random numbers, none like another, and added up: the gradient of
this sum is what `backward` has to make of these numbers. With constant ones, a softmax would hand
back zeros and any mistake in it would pass.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from retrograd.diagnosis.diagnosis import diagnosed
from retrograd.diagnosis.finding import Diagnosis, Finding
from retrograd.diagnosis.forward import ABOVE
from retrograd.diagnosis.members import (
    BACKWARD,
    FORWARD,
    GRADIENT,
    INPUT,
    RESULT,
    first_of,
    parameters_of,
)
from retrograd.diagnosis.pair import as_pair, diagnose_pair
from retrograd.diagnosis.probe import Probe, quiet
from retrograd.errors import ArgumentError
from retrograd.program import tree_of

_OWN = 20_719
_RATE = 0.125  # for a backward that updates its weights; a power of two, exact


def diagnose_layer(
    layer: Any,
    x: Any,
    *,
    seed: int = 0,
    parameters: Sequence[str] | None = None,
) -> Diagnosis:
    """Which gradients of a layer object are wrong, where, and why.

    Args:
        layer: an object with `forward(x)` and `backward(g)`, in any spelling of these names: g is
            the gradient of what forward returned, and backward returns that of x. Gradients of its
            parameters are found beside them (`W` and `dW`, `params` and `grads`, a tuple that
            backward returns, or weights that it updates). Or an object whose `forward(self)`
            reads `self.input` and fills `self.value`, and whose `backward(self)` fills
            `self.gradient`, to be multiplied by the gradient from above. It is not changed.
            Or a pair of functions, `(forward, backward)`: `forward(x, w)` returns the result, or
            `(result, cache)`; `backward(g, cache)` the gradients of its arguments, in their order.
            Or a `torch.autograd.Function`.
        x: an input, an array of floats; or a function of a seed that returns one. For functions of
            several arguments, a tuple or a dict of them.
        seed: for the weights, and for that function.
        parameters: the names of the attributes that are parameters; None: those with a gradient.

    Returns:
        A `Diagnosis`; the gradient of the input is called "dx", of functions as their arguments.

    Raises:
        ArgumentError: RG585, the object has no forward and backward that can be called so.

    >>> import numpy as np
    >>> class Softmax:
    ...     def forward(self, x):
    ...         e = np.exp(x - x.max(axis=1, keepdims=True))
    ...         self.p = e / e.sum(axis=1, keepdims=True)
    ...         return self.p
    ...     def backward(self, g):
    ...         return g * self.p * (1 - self.p)
    >>> found = diagnose_layer(Softmax(), np.random.default_rng(0).normal(size=(4, 3)))
    >>> found.wrong, found.findings[0].cause
    (('dx',), 'softmax_elementwise_derivative')
    """
    if callable(x) and not isinstance(x, np.ndarray):
        x = x(seed)
    pair = as_pair(layer)
    if pair is not None:
        return diagnose_pair(pair, x, seed)
    return _Layer(layer, np.asarray(x, dtype=np.float64), seed, parameters).diagnosis()


@dataclass(frozen=True)
class _Call:
    """How a method is called.

    Attributes:
        name: its name.
        roles: what each of its arguments is: "x", "g", "rate", "cache", "y".
    """

    name: str
    roles: tuple[str, ...]


class _Layer:
    def __init__(self, layer: Any, x: Any, seed: int, parameters: Sequence[str] | None) -> None:
        self.forward = _call_of(layer, FORWARD, "x")
        self.backward = _call_of(layer, BACKWARD, "g")
        self.layer, self.x = copy.deepcopy(layer), x
        self.kept = copy.deepcopy(vars(self.layer))
        self.input = first_of(layer, INPUT) or "input"
        with quiet():
            out = self._out(self._run_forward(self.layer, x))
            rng = np.random.default_rng([seed, _OWN])  # not the numbers of x
            self.weights = rng.normal(size=np.shape(out))
            once = self._run_backward(self.layer, self.weights, x, out)
            after = copy.deepcopy(vars(self.layer))
            self.reset()
            out = self._out(self._run_forward(self.layer, x))
            other = self._run_backward(self.layer, self.weights[::-1] * 0.5 + 1.0, x, out)
        self.members = parameters_of(self.kept, after, _arrays(once)[1:], parameters)
        first, second = (self._of_input(found) for found in (once, other))
        if first is None:
            first, second = self._attribute(after), self._attribute(vars(self.layer))
        if first is None and not self.members:
            raise ArgumentError(
                "RG585",
                f"{self.backward.name} of {type(layer).__name__} returns nothing to check",
                help="return the gradient of the input, or keep it as self.gradient",
            )
        same = first is not None and second is not None and np.shape(first) == np.shape(second)
        self.local = bool(same and np.array_equal(first, second)) and bool(np.any(first))
        self.has_input = first is not None
        self.reset()

    def reset(self) -> None:
        """The layer as it was given."""
        vars(self.layer).clear()
        vars(self.layer).update(copy.deepcopy(self.kept))

    def diagnosis(self) -> Diagnosis:
        layer, members = self.layer, self.members
        inputs = {"x": self.x, ABOVE: self.weights}
        inputs |= {m.name: m.get(self.kept) for m in members}

        def loss(i: Mapping[str, Any]) -> Any:
            for member in members:
                member.put(layer, i[member.name].copy())
            return np.sum(self._out(self._run_forward(layer, i["x"])) * i[ABOVE])

        def grads(i: Mapping[str, Any]) -> Any:
            for member in members:
                member.put(layer, i[member.name].copy())
            out = self._out(self._run_forward(layer, i["x"]))
            returned = self._run_backward(layer, i[ABOVE], i["x"], out)
            found = {}
            if self.has_input:
                dx = self._of_input(returned)
                dx = self._attribute(vars(layer)) if dx is None else dx
                found["dx"] = _times(dx, i[ABOVE]) if self.local else dx
            for member in members:
                found[f"d{member.name}"] = member.gradient(layer, i[member.name], returned, _RATE)
            return found

        found = diagnosed(Probe(loss, grads, inputs, reset=self.reset))
        return self._in_words(found) if self.local else found

    # calling it
    def _run_forward(self, layer: Any, x: Any) -> Any:
        if not self.forward.roles:
            setattr(layer, self.input, x)
        given = {"x": x}
        arguments = [given.get(role) for role in self.forward.roles if role in given]
        result = getattr(layer, self.forward.name)(*arguments)
        if result is None:
            name = first_of(layer, RESULT)
            result = getattr(layer, name) if name is not None else None
        if result is None:
            raise ArgumentError(
                "RG585",
                f"{self.forward.name} of {type(layer).__name__} returns nothing",
                help="return the result, or keep it as self.value",
            )
        return result

    @staticmethod
    def _out(result: Any) -> Any:
        """What forward computes: the first of what it returns, before a cache."""
        return result[0] if isinstance(result, tuple) else result

    def _run_backward(self, layer: Any, g: Any, x: Any, out: Any) -> Any:
        given = {"x": x, "g": g, "rate": _RATE, "out": out}
        arguments = [given.get(role) for role in self.backward.roles]
        return getattr(layer, self.backward.name)(*arguments)

    def _of_input(self, returned: Any) -> Any:
        """The input's gradient among what backward returns; None if it is not there."""
        arrays = _arrays(returned)
        return arrays[0] if arrays else None

    @staticmethod
    def _attribute(attributes: Mapping[str, Any]) -> Any:
        """The input's gradient among the attributes."""
        return next((attributes[n] for n in GRADIENT if attributes.get(n) is not None), None)

    def _in_words(self, found: Diagnosis) -> Diagnosis:
        """What a local gradient cannot hold."""

        def said(finding: Finding) -> Finding:
            if finding.family != "softmax":
                return finding
            return replace(
                finding,
                evidence=(
                    *finding.evidence,
                    f"{self.backward.name} makes a local gradient, one number for each input: "
                    "a vector cannot hold the Jacobian of softmax, a matrix",
                ),
                fix="take the gradient g from above and return p * (g - (g * p).sum(axis=-1, "
                "keepdims=True)), which is J.T @ g",
            )

        note = f"{self.backward.name} does not depend on the gradient from above; checked times it"
        return replace(found, findings=tuple(map(said, found.findings)), notes=(*found.notes, note))


def _call_of(layer: Any, names: Sequence[str], first: str) -> _Call:
    """The method of one of these names, and what its arguments are.

    Raises:
        ArgumentError: RG585, there is none.
    """
    name = next((n for n in names if callable(getattr(layer, n, None))), None)
    if name is None:
        raise ArgumentError(
            "RG585",
            f"{type(layer).__name__} has no method called {names[0]}",
            help=f"it may be called {', '.join(names[:4])}; a pair of functions goes into diagnose",
        )
    try:
        signature = inspect.signature(getattr(layer, name))
    except (TypeError, ValueError):
        return _Call(name, (first,))
    needed = [
        p
        for p in signature.parameters.values()
        if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        and (p.default is p.empty or _role(p.name, "") == "rate")
    ]
    roles = [_role(p.name, first if k == 0 else "out") for k, p in enumerate(needed)]
    if roles and first not in roles:
        roles[0] = first
    return _Call(name, tuple(roles))


def _role(name: str, otherwise: str) -> str:
    plain = name.lower().strip("_")
    if plain in ("lr", "eta", "learning_rate", "learningrate", "alpha", "rate", "step_size"):
        return "rate"
    if plain in ("x", "input", "inputs", "in", "a_prev", "data", "inp"):
        return "x"
    return otherwise


def _arrays(returned: Any) -> list[Any]:
    """The arrays among what a function returns, in order."""
    if returned is None:
        return []
    leaves = [thing for _, thing in tree_of(returned).leaves()]
    return [t for t in leaves if isinstance(t, np.ndarray | np.generic | float)]


def _times(local: Any, g: Any) -> Any:
    """A local gradient times the one from above."""
    if len(np.shape(local)) == len(np.shape(g)) + 1:  # a Jacobian, or one for each example
        return np.einsum("...ij,...i->...j", local, g)
    return local * g
