"""Which earlier value is the x of a softmax or a sigmoid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import permutations
from typing import Any

from retrograd.ops import TABLE
from retrograd.program import Program, Value
from retrograd.rewrite.forms import Forms, argument_of_log_sigmoid
from retrograd.rewrite.rebuild import Rebuild
from retrograd.rewrite.terms import (
    Form,
    LogSumExp,
    added,
    has_unknown_sign,
    lse,
    scaled,
    varies_along,
)


@dataclass(frozen=True)
class Match:
    """A softmax of `logits` along `axes`."""

    logits: Value
    axes: tuple[int, ...]

    @property
    def axis(self) -> Any:
        """The axis as softmax takes it; None for all of them."""
        if len(self.axes) == len(self.logits.shape):
            return None
        return self.axes[0] if len(self.axes) == 1 else self.axes


class Candidates:
    """The values of a program up to some step, by their normal forms.

    Args:
        program: the program; its inputs can be found from the start.
        forms: the normal forms.
        rebuild: the program being made, for a transpose that has to be added.
    """

    def __init__(self, program: Program, forms: Forms, rebuild: Rebuild) -> None:
        self.forms = forms
        self.rebuild = rebuild
        self.values: list[Value] = []
        self.by_form: dict[Any, Value] = {}
        self.by_atoms: dict[Any, list[Value]] = {}
        for item in program.inputs:
            self.offer(item.value)

    def offer(self, value: Value) -> None:
        """Let a value be found from now on."""
        self.values.append(value)
        form = self.forms.linear(value)
        self.by_form.setdefault((value.shape, value.dtype, frozenset(form.items())), value)
        self.by_atoms.setdefault(_atoms(form.items()), []).append(value)

    def softmax(self, form: Form, value: Value) -> Match | None:
        """x - lse(x), for an x that the program has as a value."""
        for term, c in form.items():
            sum_of, places = term
            if c != -1 or not isinstance(sum_of, LogSumExp):
                continue
            rest = {t: k for t, k in form.items() if t != term}
            if has_unknown_sign(rest):
                continue
            for axes in self._axis_choices(sum_of, places, value, rest):
                logits = self._find(rest, axes, value) or self._find_transposed(rest, axes, value)
                if logits is not None:
                    return Match(logits, axes)
        return None

    def _axis_choices(
        self, sum_of: LogSumExp, places: tuple[int, ...], value: Value, rest: Form
    ) -> Iterator[tuple[int, ...]]:
        """The axes of `value` that can be the summed ones, so that the sum's terms are the rest."""
        known = dict(zip(sum_of.kept(), places, strict=True))
        summed = sorted(sum_of.summed)
        free = [a for a in range(len(value.shape)) if a not in places]
        for chosen in permutations(free, len(summed)):
            where = {**known, **dict(zip(summed, chosen, strict=True))}
            terms = {(atom, tuple(where[a] for a in axes)): c for (atom, axes), c in sum_of.terms}
            if terms == rest:
                yield tuple(sorted(chosen))

    def _find(self, rest: Form, axes: tuple[int, ...], value: Value) -> Value | None:
        """A value that is `rest`, up to a shift that softmax does not see."""
        exact = self.by_form.get((value.shape, value.dtype, frozenset(rest.items())))
        if exact is not None:
            return exact
        for candidate in self.values:
            if candidate.shape == value.shape and candidate.dtype == value.dtype:
                difference = added(self.forms.linear(candidate), rest, -1)
                if not varies_along(difference, axes):
                    return candidate
        return None

    def _find_transposed(self, rest: Form, axes: tuple[int, ...], value: Value) -> Value | None:
        """The transpose of a value that is `rest` transposed: exp(z).T / exp(z).T.sum(axis=0)."""
        if len(value.shape) != 2:
            return None
        turned = {(atom, tuple(1 - a for a in where)): c for (atom, where), c in rest.items()}
        like = replace(value, shape=value.shape[::-1], sizes=value.sizes[::-1])
        found = self._find(turned, tuple(1 - a for a in axes), like)
        if found is None:
            return None
        recorder = self.rebuild.recorder
        with recorder.recording():
            made: Value = recorder.record(TABLE["transpose"], [found], {}).value
        return made

    def logsumexp(self, form: Form, value: Value) -> tuple[Match, bool] | None:
        """The x and the axes of log(sum(exp(x))), and whether the axes were kept."""
        if len(form) != 1 or next(iter(form.values())) != 1:
            return None
        ((term, _),) = form
        if not isinstance(term, LogSumExp):
            return None
        for candidate in self.by_atoms.get(_atoms(term.terms), ()):
            rank = len(candidate.shape)
            if candidate.dtype != value.dtype or rank == 0:
                continue
            for axes in dict.fromkeys([*((a,) for a in range(rank)), tuple(range(rank))]):
                for keep in (False, True):
                    kept = tuple(
                        1 if a in axes else n
                        for a, n in enumerate(candidate.shape)
                        if keep or a not in axes
                    )
                    if kept != value.shape:
                        continue
                    own = self.forms.linear(candidate)
                    if lse(own, frozenset(axes), candidate, keep) == form:
                        return Match(candidate, axes), keep
        return None

    def log_sigmoid(self, form: Form, value: Value) -> tuple[Value, bool] | None:
        """The x of log(sigmoid(x)), and whether it is that of -x."""
        argument = argument_of_log_sigmoid(form)
        if argument is None:
            return None
        found = []
        for x, negative in ((argument, False), (scaled(argument, Fraction(-1)), True)):
            known = self.by_form.get((value.shape, value.dtype, frozenset(x.items())))
            if known is not None:
                found.append((known, negative))
        return min(found, key=lambda pair: pair[0].number, default=None)


def _atoms(items: Iterable[Any]) -> frozenset[Any]:
    """What a form is made of, wherever its axes are."""
    return frozenset((atom, c) for (atom, _), c in items)
