"""The user's two functions, called so that nothing of theirs changes and nothing differs by luck.

Every call gets copies of the inputs, the same state of NumPy's global generator, and a quiet
terminal.
"""

from __future__ import annotations

import contextlib
import copy
import io
import random
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from retrograd.errors import ArgumentError

Inputs = Mapping[str, Any]
_PREFIXES = ("d", "d_", "grad_", "grad", "g_", "")


class Probe:
    """A loss and its gradients, at one set of inputs.

    Args:
        loss: `loss(inputs) -> float`.
        grads: `grads(inputs) -> {"dW1": array, ...}`.
        inputs: arrays by name, or a function of a seed that returns them.
        seed: given to that function.
        reset: called before each call of the two: their state as it was.
    """

    def __init__(
        self,
        loss: Callable[[Any], Any],
        grads: Callable[[Any], Any],
        inputs: Inputs | Callable[..., Inputs],
        seed: int = 0,
        reset: Callable[[], None] = lambda: None,
    ) -> None:
        self.loss, self.grads, self.reset = loss, grads, reset
        self.given = drawn(inputs, seed)
        self.inputs = {name: in_float64(thing) for name, thing in self.given.items()}
        with kept_generators():
            self.value = self.loss_at(self.inputs)
            self.asked = self.inputs  # what the user gave, where its loss is not finite
            self._shrink()
            self.raw = self._gradients()
        counted = [n for n, x in self.inputs.items() if _has_gradient(n, x, self.raw)]
        if counted:  # arrays of integers that have a gradient
            self.inputs = {n: array_of(x) if n in counted else x for n, x in self.inputs.items()}
            self.raw = self._gradients()
        self.keys = keys_by_input(self.raw, self.inputs)  # what the user calls them
        self.gradients = {n: self.raw[key] for n, key in self.keys.items()}

    @property
    def examples(self) -> int:
        """How many examples there are: the length that most of the data begin with; 0: unknown."""
        data = [np.shape(array_of(x)) for n, x in self.inputs.items() if n not in self.keys]
        counts = Counter(shape[0] for shape in data if shape)
        return counts.most_common(1)[0][0] if counts else 0

    def shrink(self, scale: float) -> None:
        """Go on with smaller inputs: rounding says more than the function at the ones given."""
        self.inputs = {n: _scaled(x, scale) for n, x in self.inputs.items()}
        with kept_generators():
            self.value = self.loss_at(self.inputs)
            self.raw = self._gradients()
        self.gradients = {n: self.raw[key] for n, key in self.keys.items()}

    def _shrink(self) -> None:
        """Smaller inputs, where the loss is not finite: differences say nothing there."""
        for scale in (0.1, 0.01, 1e-3, 1e-4):
            if np.isfinite(self.value):
                return
            self.inputs = {n: _scaled(x, scale) for n, x in self.asked.items()}
            self.value = self.loss_at(self.inputs)

    def loss_at(self, inputs: Inputs) -> float:
        """The loss at other inputs."""
        self.reset()
        with quiet():
            found = self.loss(copy.deepcopy(dict(inputs)))
        return as_float(found)

    def along(self, direction: Mapping[str, Any]) -> Callable[[complex], complex]:
        """The loss along a line through the inputs: t -> loss(inputs + t * direction)."""

        def at(t: complex) -> complex:
            if isinstance(t, complex):
                raise TypeError("only real numbers")  # float(loss) drops the imaginary part
            moved = {n: shifted(self.inputs[n], t * u) for n, u in direction.items()}
            return self.loss_at({**self.inputs, **moved})

        return at

    def again(self) -> dict[str, Any]:
        """The gradients of another call with the same inputs."""
        self.reset()
        with kept_generators(), quiet():
            found = self.grads(copy.deepcopy(dict(self.inputs)))
            return {n: found[key] for n, key in self.keys.items()}

    def _gradients(self) -> Mapping[str, Any]:
        own = copy.deepcopy(dict(self.inputs))
        self.reset()
        with quiet():
            found = self.grads(own)
        if not isinstance(found, Mapping):
            raise ArgumentError(
                "RG583",
                f"grads returns {type(found).__name__}, not a dict of gradients",
                help='return {"dW1": dW1, "db1": db1}: the gradient of the input W1 is dW1',
            )
        return copy.deepcopy(dict(found))


def drawn(inputs: Inputs | Callable[..., Inputs], seed: int) -> dict[str, Any]:
    """The inputs for a seed."""
    if callable(inputs):
        try:
            found = inputs(seed)
        except TypeError:
            with kept_generators(seed):
                found = inputs()
    else:
        found = inputs
    if not isinstance(found, Mapping):
        raise ArgumentError(
            "RG583",
            f"the inputs are {type(found).__name__}, not a dict of arrays",
            help='pass {"W1": W1, "X": X, "y": y}, or a function of a seed that returns it',
        )
    return dict(found)


def keys_by_input(found: Mapping[str, Any], inputs: Inputs) -> dict[str, str]:
    """The names of the gradients by that of their input.

    Raises:
        ArgumentError: RG583, no gradient belongs to an input.
    """
    named: dict[str, str] = {}
    for name, thing in inputs.items():
        key = next((p + name for p in _PREFIXES if p + name in found), None)
        if key is not None and differentiable(thing):
            named[name] = key
    if not named:
        raise ArgumentError(
            "RG583",
            f"no gradient is called after an input: {', '.join(map(repr, found))}",
            notes=(f"the inputs are {', '.join(map(repr, inputs))}",),
            help="the gradient of the input W1 is called dW1",
        )
    return named


def differentiable(thing: Any) -> bool:
    """Whether a gradient can be taken of an input."""
    return _array_of(thing) is not None and _array_of(thing).dtype.kind == "f"


def _has_gradient(name: str, thing: Any, found: Mapping[str, Any]) -> bool:
    """Whether an array of integers has a gradient of its shape."""
    if not isinstance(thing, np.ndarray) or thing.dtype.kind not in "iu":
        return False
    own = [found[p + name] for p in _PREFIXES[:-1] if p + name in found]
    return any(np.shape(g) == thing.shape for g in own)


def in_float64(thing: Any) -> Any:
    """An input with its floats in float64."""
    if isinstance(thing, np.ndarray | np.generic) and thing.dtype.kind == "f":
        return thing.astype(np.float64)
    return copy.deepcopy(thing)


def shifted(thing: Any, by: Any) -> Any:
    """An input moved by an array of its shape, in the form that it had."""
    moved = np.asarray(thing, dtype=np.float64) + by
    if isinstance(thing, list):
        return moved.tolist()
    return moved if isinstance(thing, np.ndarray) else float(moved)


def as_float(found: Any) -> float:
    """A loss as a number.

    Raises:
        ArgumentError: RG584, it is no number.
    """
    array = np.asarray(found)
    if array.size != 1 or array.dtype.kind not in "fiub":
        what = f"an array of shape {array.shape}" if array.dtype.kind in "fiub" else repr(found)
        raise ArgumentError(
            "RG584",
            f"the loss is {what}, not a number",
            help="return the mean or the sum over the examples: its gradient is what is checked",
        )
    return float(array.reshape(()))


def array_of(thing: Any) -> Any:
    """An input or a gradient as an array of float64; None where it is none."""
    found = _array_of(thing)
    return None if found is None or found.dtype.kind not in "fiub" else found.astype(np.float64)


def _array_of(thing: Any) -> Any:
    if isinstance(thing, np.ndarray | np.generic | float | list):
        try:
            found = np.asarray(thing)
        except ValueError:  # rows of different lengths
            return None
        return found if found.dtype.kind in "fiub" else None
    return np.asarray(thing) if type(thing) in (int, bool) else None


def _scaled(thing: Any, scale: float) -> Any:
    """An array of floats made smaller, unless it looks like labels."""
    array = _array_of(thing)
    if array is None or array.dtype.kind != "f" or np.max(np.abs(array), initial=0) <= 1:
        return thing
    return array * scale if isinstance(thing, np.ndarray) else (array * scale).tolist()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """What the user's code prints and warns about stays here; its draws are the same each time."""
    kept = np.random.get_state(), random.getstate()
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        yield
    np.random.set_state(kept[0])
    random.setstate(kept[1])


@contextlib.contextmanager
def kept_generators(seed: int | None = None) -> Iterator[None]:
    """NumPy's and Python's global generators afterwards as they were before."""
    kept = np.random.get_state(), random.getstate()
    if seed is not None:
        np.random.seed(seed)
        random.seed(seed)
    try:
        yield
    finally:
        np.random.set_state(kept[0])
        random.setstate(kept[1])
