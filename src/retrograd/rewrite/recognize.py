"""Recognize softmax and its logarithm in the user's own lines.

before    e = exp(z - z.max(axis=1, keepdims=True));  p = e / e.sum(axis=1, keepdims=True);  log(p)
after     p = softmax(z, axis=1);  log_softmax(z, axis=1)

The two differentiate as wholes, and `lower` writes them as lines again: as the user's own where
those are safe from overflow, in the shifted form otherwise. With `fuse=False` only softmax is
recognized.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any

from retrograd.ops import TABLE
from retrograd.ops.softmax import log_softmax
from retrograd.program import Program, Step, Value
from retrograd.rewrite.forms import Form, Forms, LogSumExp, has_unknown_sign, varies_along
from retrograd.rewrite.rebuild import Rebuild

_SOFTMAX_ENDS_IN = ("divide", "multiply", "exp", "power")
_LOG_SOFTMAX_ENDS_IN = ("log", "subtract", "add")


_MOVES = ("index", "transpose", "reshape", "squeeze", "expand_dims")


@dataclass(frozen=True)
class _Match:
    """A softmax of `logits` along `axes`."""

    logits: Value
    axes: tuple[int, ...]

    @property
    def parameter(self) -> Any:
        """The axis as softmax takes it; None for all of them."""
        if len(self.axes) == len(self.logits.shape):
            return None
        return self.axes[0] if len(self.axes) == 1 else self.axes


def recognize(program: Program, *, fuse: bool = True) -> Program:
    """Put softmax and log_softmax in the place of the steps that compute them."""
    return _Recognizer(program, fuse).run()


class _Recognizer:
    def __init__(self, program: Program, fuse: bool) -> None:
        self.program = program
        self.fuse = fuse
        self.forms = Forms(program)
        self.rebuild = Rebuild(program)
        self.softmaxes: dict[Value, _Match] = {}
        self.candidates: list[Value] = []
        self.by_form: dict[Any, Value] = {}
        for item in program.inputs:
            self._offer(item.value)

    def run(self) -> Program:
        return self.rebuild.walk(self._visit)

    def _visit(self, step: Step) -> None:
        value = step.output
        match = None
        if step.op.name in _SOFTMAX_ENDS_IN:
            match = self._match(self.forms.logarithm(value), value)
            if match is not None:
                self.softmaxes[value] = match
                self._put(step, "softmax", match)
        elif self.fuse and step.op.name in _LOG_SOFTMAX_ENDS_IN:
            match = self._match(self.forms.linear(value), value)
            if match is not None:
                self._put(step, "log_softmax", match)
            elif step.op.name == "log" and self._log_of_moved(step):
                return
        if match is None:
            self.rebuild.keep(step)
        self._offer(value)

    def _put(self, step: Step, name: str, match: _Match) -> None:
        self.rebuild.keep(
            replace(
                step,
                op=TABLE[name],
                inputs=(match.logits,),
                params={"axis": match.parameter},
                written=step if self._is_safe(step, match) else None,
            )
        )

    def _match(self, form: Form, value: Value) -> _Match | None:
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
                    return _Match(logits, axes)
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
        for candidate in self.candidates:
            if candidate.shape == value.shape and candidate.dtype == value.dtype:
                difference = _difference(self.forms.linear(candidate), rest)
                if not varies_along(difference, axes):
                    return candidate
        return None

    def _offer(self, value: Value) -> None:
        """Let a value be found as the logits of a later softmax."""
        self.candidates.append(value)
        form = frozenset(self.forms.linear(value).items())
        self.by_form.setdefault((value.shape, value.dtype, form), value)

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

    def _is_safe(self, step: Step, match: _Match) -> bool:
        """Whether the user's own lines subtract the maximum before every exp."""
        producers = self.program.producers
        pending, seen, found = [step.output], {match.logits}, False
        while pending:
            value = pending.pop()
            made = producers.get(value)
            if value in seen or made is None:
                continue
            seen.add(value)
            if made.op.name == "exp":
                found = True
                if not self._subtracts_maximum(made, match):
                    return False
            if made.op.name == "log" and made is step and self._takes_softmax(made):
                return False
            pending += made.values()
        return found

    def _takes_softmax(self, step: Step) -> bool:
        return any(v in self.softmaxes for v in step.values())

    def _subtracts_maximum(self, step: Step, match: _Match) -> bool:
        producers = self.program.producers
        argument = next(step.values())
        for (atom, _), c in self.forms.linear(argument).items():
            maximum = producers.get(getattr(atom, "what", None))  # type: ignore[arg-type]
            if c == -1 and maximum is not None and maximum.op.name == "max":
                axis = maximum.params.get("axis")
                rank = len(match.logits.shape)
                axes = (
                    range(rank) if axis is None else (axis if isinstance(axis, tuple) else (axis,))
                )
                if (
                    maximum.inputs[0] is match.logits
                    and tuple(a % rank for a in axes) == match.axes
                ):
                    return True
        return False

    def _log_of_moved(self, step: Step) -> bool:
        """log(p[key]) of a softmax p ⇒ log_softmax(z)[key], exact where p underflows."""
        moves: list[Step] = []
        producers = self.program.producers
        value = step.inputs[0]
        while value not in self.softmaxes:
            made = producers.get(value) if isinstance(value, Value) else None
            if made is None or made.op.name not in _MOVES:
                return False
            moves.append(made)
            value = made.inputs[0]
        assert isinstance(value, Value)
        match, recorder = self.softmaxes[value], self.rebuild.recorder

        def compute(_: Any) -> Any:
            result = log_softmax(self.rebuild.symbol(match.logits), axis=match.parameter)
            for move in reversed(moves):
                arrays = [self.rebuild.symbol(i) for i in move.inputs[1:]]
                result = recorder.record(move.op, [result, *arrays], move.params)
            return result

        self.rebuild.record(step, compute)
        return True


def _difference(a: Form, b: Form) -> Form:
    result = {t: a.get(t, 0) - b.get(t, 0) for t in {*a, *b}}
    return {t: c for t, c in result.items() if c}  # type: ignore[misc]
