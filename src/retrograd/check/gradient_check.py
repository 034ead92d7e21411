"""check_grads(f, *args): is the gradient that retrograd gives for f right?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from retrograd.check.differences import Slope, slope
from retrograd.errors import ArgumentError, GradientError
from retrograd.program import Leaf, Tree, is_float, tree_of
from retrograd.pullback import vjp
from retrograd.recorded import copied

_TRIES = 3  # random directions
_SHOWN = 8  # entries in a message
_ENTRIES = 10_000  # entries that are checked one by one


@dataclass(frozen=True)
class Entry:
    """One entry of a gradient beside its difference quotient."""

    argument: str
    index: tuple[int, ...]
    gradient: float
    slope: Slope

    def __str__(self) -> str:
        place = f"[{', '.join(map(str, self.index))}]" if self.index else ""
        return (
            f"d{self.argument}{place} = {self.gradient:.10g}, "
            f"differences give {self.slope.value:.10g} ± {self.slope.error:.1g}"
        )


@dataclass(frozen=True)
class GradientCheck:
    """What a check found; it is only returned where the gradient is right.

    Attributes:
        worst: the largest relative difference along the random directions.
        directions: how many random directions were tried.
        entries: how many entries were checked one by one.
        kinks: the entries that sit on a kink, where any slope between two is right.
        zero: the arguments whose gradient is zero throughout.
    """

    worst: float
    directions: int
    entries: int = 0
    kinks: tuple[Entry, ...] = ()
    zero: tuple[str, ...] = ()

    ok = True

    def __str__(self) -> str:
        lines = [
            f"gradient agrees with differences along {self.directions} random directions, "
            f"worst {self.worst:.1e}"
        ]
        if self.entries:
            lines.append(f"{self.entries} entries checked one by one")
        if self.kinks:
            lines.append(f"{len(self.kinks)} on a kink, where the slope jumps:")
            for entry in self.kinks[:_SHOWN]:
                left, right = entry.slope.left, entry.slope.right
                lines.append(f"  {entry}; {left:.4g} on the left, {right:.4g} on the right")
        for name in self.zero:
            lines.append(f"d{name} is zero throughout")
        return "\n".join(lines)


def check_grads(f: Callable[..., Any], *args: Any, seed: int = 0) -> GradientCheck:
    """Compare the gradients of a function with differences of the function.

    First along random directions, which costs a few runs of f however many arguments there are;
    then, where that fails or a kink is near, entry by entry. The differences are computed in
    float64 where f takes it, with an error that is estimated; a gradient in float32 is held to
    what float32 can hold.

    Args:
        f: NumPy code; returns an array, or several. It must give the same result for the same
            arguments.
        args: its arguments; the arrays of floats and the floats among them are differentiated.
        seed: for the random directions.

    Returns:
        What was found; print it.

    Raises:
        GradientError: RG580, an entry of the gradient is wrong; RG581, the check would pass for
            any gradient (all of them are zero), or there is nothing to differentiate; RG582, f
            gives another result when it is called again.

    >>> import numpy as np
    >>> check_grads(lambda x: np.tanh(x) * x, np.array([0.5, -1.0])).ok
    True
    """
    return _Check(f, args, seed).run()


@dataclass
class _Check:
    f: Callable[..., Any]
    args: tuple[Any, ...]
    seed: int
    kinks: list[Entry] = field(default_factory=list)

    def run(self) -> GradientCheck:
        rng = np.random.default_rng(self.seed)
        self.trees = [tree_of(arg, _argument_name(self.f, i)) for i, arg in enumerate(self.args)]
        self.leaves = [leaf for tree in self.trees for leaf in tree.leaves() if is_float(leaf[1])]
        if not self.leaves:
            raise GradientError(
                "RG581",
                "there is nothing to check: no argument is a float or an array of floats",
                help="np.array([1, 2]) holds whole numbers; np.array([1.0, 2.0]) holds floats",
            )
        out, pullback = vjp(self.f, *self.args)
        outputs = [leaf for _, leaf in tree_of(out).leaves()]
        self._check_repeatable(outputs)
        # random, not constant: rows of a softmax add up to one, whatever goes in
        cotangents = [rng.normal(size=np.shape(o)).astype(_dtype(o)) for o in outputs]
        g = iter(c if c.shape else c[()] for c in cotangents)
        gradients = pullback(tree_of(out).build(lambda leaf: next(g)))
        self.gradients = [
            d
            for arg, d in zip(self.trees, gradients, strict=True)
            for d in _flat(arg, d)
            if d is not None
        ]
        self.cotangents = cotangents
        self.scale = max(1.0, *(float(np.max(np.abs(x), initial=0)) for _, x in self.leaves))
        self._refuse_vacuous(outputs)
        return self._compare(rng)

    # the comparison
    def _compare(self, rng: np.random.Generator) -> GradientCheck:
        worst, suspicious = 0.0, False
        for _ in range(_TRIES):
            directions = [_unit(rng, x) for _, x in self.leaves]
            ours = sum(
                float(np.sum(np.multiply(d, u, dtype=float)))
                for d, u in zip(self.gradients, directions, strict=True)
            )
            found = slope(self._along(directions), self._epsilon(), self.scale)
            size = max(abs(ours), abs(found.value), self._size())
            difference = abs(ours - found.value)
            if not found.kink:
                worst = max(worst, difference / size if size else 0.0)
            bad = difference > self._tolerance() * size + 10 * found.error
            suspicious = suspicious or found.kink or bad or not np.isfinite(difference)
        count = self._entry_by_entry() if suspicious else 0
        zero = tuple(
            leaf.text
            for (leaf, _), d in zip(self.leaves, self.gradients, strict=True)
            if not np.any(d)
        )
        return GradientCheck(worst, _TRIES, count, tuple(self.kinks), zero)

    def _entry_by_entry(self) -> int:
        wrong: list[Entry] = []
        count = 0
        for position, (leaf, x) in enumerate(self.leaves):
            for index in np.ndindex(np.shape(x)):
                if count == _ENTRIES:
                    break
                count += 1
                entry = self._entry(position, leaf, index)
                off = abs(entry.gradient - entry.slope.value)
                size = max(abs(entry.gradient), abs(entry.slope.value), self._size())
                allowed = self._tolerance() * size + 10 * entry.slope.error
                low, high = sorted((entry.slope.left, entry.slope.right))
                between = low - allowed <= entry.gradient <= high + allowed
                if entry.slope.kink and between:
                    self.kinks.append(entry)
                elif not off <= allowed:
                    wrong.append(entry)
        if wrong:
            raise self._wrong(wrong, count)
        return count

    def _entry(self, position: int, leaf: Leaf, index: tuple[int, ...]) -> Entry:
        directions = [np.zeros(np.shape(x)) for _, x in self.leaves]
        directions[position][index] = 1.0
        here = abs(float(np.asarray(self.leaves[position][1])[index]))
        found = slope(self._along(directions), self._epsilon(), max(1.0, here))
        ours = float(np.asarray(self.gradients[position])[index])
        return Entry(leaf.text, index, ours, found)

    def _along(self, directions: Sequence[Any]) -> Callable[[complex], complex]:
        """The function along a line, weighed by the cotangents, in float64 where it can be."""

        def value(t: complex) -> complex:
            moved = iter(
                np.asarray(x, dtype=np.float64) + t * u
                for (_, x), u in zip(self.leaves, directions, strict=True)
            )

            def leaf_of(pair: Any) -> Any:
                if not is_float(pair[1]):
                    return copied(pair[1])
                made = next(moved)
                return made if np.shape(made) else made[()]

            with np.errstate(all="ignore"):
                out = self.f(*(tree.build(leaf_of) for tree in self.trees))
            parts = [thing for _, thing in tree_of(out).leaves()]
            self.dtypes = [np.asarray(p).dtype for p in parts]
            weighed = (np.sum(p * c) for p, c in zip(parts, self.cotangents, strict=True))
            return complex(sum(weighed))

        return value

    # what may be expected
    def _epsilon(self) -> float:
        """The epsilon of the differences: f may compute in float32 whatever it is given."""
        if not hasattr(self, "dtypes"):
            self._along([np.zeros(np.shape(x)) for _, x in self.leaves])(0.0)
        kinds = [d for d in self.dtypes if d.kind == "f"]
        return max((float(np.finfo(d).eps) for d in kinds), default=float(np.finfo(float).eps))

    def _tolerance(self) -> float:
        """What a gradient in its own dtype can be held to: rounding adds up along the way."""
        kinds = [np.asarray(d).dtype for d in self.gradients]
        return 1e4 * max(float(np.finfo(d).eps) for d in kinds if d.kind == "f") + 1e-9

    def _size(self) -> float:
        """The size of the gradient's entries, against which small ones are measured."""
        return max(float(np.max(np.abs(d), initial=0)) for d in self.gradients)

    # what cannot be checked
    def _refuse_vacuous(self, outputs: Sequence[Any]) -> None:
        largest = max(float(np.max(np.abs(o), initial=0)) for o in outputs)
        epsilon = float(np.finfo(np.asarray(self.gradients[0]).dtype).eps)
        if self._size() > 100 * epsilon * largest / self.scale:
            return
        raise GradientError(
            "RG581",
            "every gradient is zero, so this check would pass for wrong ones too",
            notes=(
                "a sum or a mean over what a softmax or a normalization returns does not change",
            ),
            help="return the array itself (it is weighed with random numbers), or np.sum(w * "
            "out) with random w; for a dead ReLU, other arguments",
        )

    def _check_repeatable(self, outputs: Sequence[Any]) -> None:
        runs = [tree_of(self.f(*map(_deep, self.trees))).leaves() for _ in range(2)]
        once, again = ([thing for _, thing in leaves] for leaves in runs)
        for one, *others in zip(outputs, once, again, strict=False):
            same = (np.allclose(one, o, rtol=1e-6, atol=1e-9, equal_nan=True) for o in others)
            if not all(same):
                raise GradientError(
                    "RG582",
                    "the function gives another result when it is called again",
                    notes=("differences say nothing then: it draws numbers, or keeps state",),
                    help="draw with np.random.default_rng(0) inside, or pass the mask in",
                )

    def _wrong(self, wrong: Sequence[Entry], count: int) -> GradientError:
        notes = [str(entry) for entry in wrong[:_SHOWN]]
        if len(wrong) > _SHOWN:
            notes.append(f"and {len(wrong) - _SHOWN} more of {count}")
        ratios = {round(e.gradient / e.slope.value, 6) for e in wrong if e.slope.value}
        if len(ratios) == 1 and len(wrong) > 1:
            notes.append(f"each is {ratios.pop():g} times what it should be")
        name = getattr(self.f, "__name__", "f")
        return GradientError(
            "RG580",
            f"the gradient of {name} differs from differences in {len(wrong)} of {count} entries",
            notes=notes,
            help="if f is plain NumPy this is a mistake in retrograd: please report it",
        )


def _argument_name(f: Callable[..., Any], position: int) -> str:
    code = getattr(f, "__code__", None)
    names = code.co_varnames[: code.co_argcount] if code is not None else ()
    return names[position] if position < len(names) else f"argument{position}"


def _dtype(output: Any) -> Any:
    dtype = np.asarray(output).dtype
    if dtype.kind != "f":
        raise ArgumentError("RG409", f"the function returns {dtype}, not floats")
    return dtype


def _deep(tree: Tree) -> Any:
    return tree.build(lambda pair: copied(pair[1]))


def _flat(tree: Tree, gradient: Any) -> list[Any]:
    """The gradients of an argument's floats, in the order of its leaves."""
    wanted = [is_float(thing) for _, thing in tree.leaves()]
    found = [thing for _, thing in tree_of(gradient).leaves()] if gradient is not None else []
    return [d for keep, d in zip(wanted, found, strict=False) if keep]


def _unit(rng: np.random.Generator, x: Any) -> Any:
    return rng.choice([-1.0, 1.0], size=np.shape(x)) * rng.uniform(0.5, 1.0, size=np.shape(x))
