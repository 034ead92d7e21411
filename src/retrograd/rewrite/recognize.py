"""Recognize softmax, the sigmoid, their logarithms and logsumexp in the user's own lines.

before    e = exp(z - z.max(axis=1, keepdims=True));  p = e / e.sum(axis=1, keepdims=True);  log(p)
after     p = softmax(z, axis=1);  log_softmax(z, axis=1)

before    a = 1 / (1 + exp(-z));  log(1 - a)
after     a = sigmoid(z);  log_sigmoid(z, negative=True)

They differentiate as wholes, and `lower` writes them as lines again: as the user's own where those
are safe from overflow, in the shifted form otherwise. With `fuse=False` only softmax and sigmoid
are recognized.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from retrograd.ops import TABLE
from retrograd.ops.softmax import log_softmax
from retrograd.program import Program, Step, Value
from retrograd.rewrite.candidates import Candidates, Match
from retrograd.rewrite.forms import Forms, summed_axes
from retrograd.rewrite.rebuild import Rebuild
from retrograd.rewrite.safety import is_safe
from retrograd.rewrite.terms import number_of, scaled

_SOFTMAX_ENDS_IN = ("divide", "multiply", "exp", "power")
_SIGMOID_ENDS_IN = (*_SOFTMAX_ENDS_IN, "reciprocal", "where", "subtract", "add")
_LOGARITHM_ENDS_IN = ("log", "log1p", "subtract", "add", "negative")
_MOVES = ("index", "transpose", "reshape", "squeeze", "expand_dims")


def recognize(program: Program, *, fuse: bool = True) -> Program:
    """Put softmax, sigmoid and their like in the place of the steps that compute them."""
    return _Recognizer(program, fuse).run()


class _Recognizer:
    def __init__(self, program: Program, fuse: bool) -> None:
        self.program = program
        self.producers = program.producers
        self.fuse = fuse
        self.forms = Forms(program)
        self.rebuild = Rebuild(program)
        self.candidates = Candidates(program, self.forms, self.rebuild)
        self.softmaxes: dict[Value, Match] = {}
        self.sigmoids: dict[Value, Value] = {}

    def run(self) -> Program:
        return self.rebuild.walk(self._visit)

    def _visit(self, step: Step) -> None:
        found = step.output.dtype.kind == "f" and (
            self._softmax(step) or self._sigmoid(step) or (self.fuse and self._logarithm(step))
        )
        if not found:
            self.rebuild.keep(step)
        if step.op.name == "sigmoid":  # SciPy's, or ours
            self.sigmoids[step.output] = next(step.values())
        elif step.op.name == "softmax":
            logits = next(step.values())
            self.softmaxes[step.output] = Match(logits, tuple(sorted(summed_axes(step))))
        self.candidates.offer(step.output)

    def _softmax(self, step: Step) -> bool:
        if step.op.name not in _SOFTMAX_ENDS_IN:
            return False
        value = step.output
        match = self.candidates.softmax(self.forms.logarithm(value), value)
        if match is None:
            return False
        self.softmaxes[value] = match
        return self._put(step, "softmax", match.logits, {"axis": match.axis})

    def _sigmoid(self, step: Step) -> bool:
        if step.op.name not in _SIGMOID_ENDS_IN or (not step.output.shape and step.output.weak):
            return False
        value = step.output
        found = self.candidates.log_sigmoid(self.forms.logarithm(value), value)
        if found is None or found[1]:  # 1 - sigmoid(x) is left as it is
            return False
        self.sigmoids[value] = found[0]
        return self._put(step, "sigmoid", found[0], {})

    def _logarithm(self, step: Step) -> bool:
        if step.op.name not in _LOGARITHM_ENDS_IN:
            return False
        value, form = step.output, self.forms.linear(step.output)
        match = self.candidates.softmax(form, value)
        if match is not None:
            return self._put(step, "log_softmax", match.logits, {"axis": match.axis})
        if step.op.name in ("log", "log1p") and self._log_inside(step):
            return True
        summed = self.candidates.logsumexp(form, value)
        if summed is not None:
            match, keep = summed
            params = {"axis": match.axis, **({"keepdims": True} if keep else {})}
            return self._put(step, "logsumexp", match.logits, params)
        if step.op.name == "negative":
            return False
        found = self.candidates.log_sigmoid(form, value)
        if found is not None:
            x, negative = found
            return self._put(step, "log_sigmoid", x, {"negative": True} if negative else {})
        found = self.candidates.log_sigmoid(scaled(form, Fraction(-1)), value)
        return found is not None and self._softplus(step, *found)

    def _softplus(self, step: Step, x: Value, negative: bool) -> bool:
        """log(1 + exp(x)) = -log(sigmoid(-x))."""
        if is_safe(self.producers, self.forms, step, x, {}):
            return False
        recorder = self.rebuild.recorder

        def compute(*_: Any) -> Any:
            params = {"negative": True} if negative else {}
            return -recorder.record(TABLE["log_sigmoid"], [self.rebuild.symbol(x)], params)

        self.rebuild.record(step, compute)
        return True

    def _put(self, step: Step, name: str, x: Value, params: Mapping[str, Any]) -> bool:
        taken = step.op.name == "log" and any(v in self.softmaxes for v in step.values())
        safe = not taken and is_safe(self.producers, self.forms, step, x, params)
        self.rebuild.keep(
            replace(
                step,
                op=TABLE[name],
                inputs=(x,),
                params=dict(params),
                written=step if safe else None,
            )
        )
        return True

    def _log_inside(self, step: Step) -> bool:
        """log(p[key]), log(1 - p.T), log(stack(rows)): of the logarithm of p, exact for small p."""
        value = step.inputs[0]
        if step.op.name == "log1p":
            made = self.producers.get(value) if isinstance(value, Value) else None
            if made is None or made.op.name != "negative":
                return False
            log = self._log_of(made.inputs[0], other=True)
        else:
            log = self._log_of(value, other=False)
        if log is None:
            return False
        self.rebuild.record(step, lambda *_: log())
        return True

    def _log_of(self, value: Any, *, other: bool) -> Callable[[], Any] | None:
        """What records log(value), or log(1 - value) for the `other` share; None if unknown."""
        symbol, record = self.rebuild.symbol, self.rebuild.recorder.record
        if value in self.sigmoids:
            params = {"negative": True} if other else {}
            return lambda: record(TABLE["log_sigmoid"], [symbol(self.sigmoids[value])], params)
        if value in self.softmaxes and not other:
            match = self.softmaxes[value]
            return lambda: log_softmax(symbol(match.logits), axis=match.axis)
        made = self.producers.get(value) if isinstance(value, Value) else None
        if made is None:
            return None
        if made.op.name == "subtract" and number_of(made.inputs[0]) == 1 and not other:
            return self._log_of(made.inputs[1], other=True)
        if made.op.name in _MOVES:
            inner = self._log_of(made.inputs[0], other=other)
            if inner is None:
                return None
            rest = made.inputs[1:]
            return lambda: record(made.op, [inner(), *map(symbol, rest)], made.params)
        if made.op.name in ("stack", "concatenate"):
            parts = [self._log_of(i, other=other) for i in made.inputs]
            if any(part is None for part in parts):
                return None
            return lambda: record(made.op, [p() for p in parts if p is not None], made.params)
        return None
