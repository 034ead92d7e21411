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

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from retrograd.ops import TABLE
from retrograd.ops.softmax import log_softmax
from retrograd.program import Program, Step, Value
from retrograd.rewrite.candidates import Candidates, Match
from retrograd.rewrite.forms import Forms
from retrograd.rewrite.rebuild import Rebuild
from retrograd.rewrite.safety import is_safe
from retrograd.rewrite.terms import scaled

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
        self.fuse = fuse
        self.forms = Forms(program)
        self.rebuild = Rebuild(program)
        self.candidates = Candidates(program, self.forms, self.rebuild)
        self.softmaxes: dict[Value, Match] = {}

    def run(self) -> Program:
        return self.rebuild.walk(self._visit)

    def _visit(self, step: Step) -> None:
        found = step.output.dtype.kind == "f" and (
            self._softmax(step) or self._sigmoid(step) or (self.fuse and self._logarithm(step))
        )
        if not found:
            self.rebuild.keep(step)
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
        return self._put(step, "sigmoid", found[0], {})

    def _logarithm(self, step: Step) -> bool:
        if step.op.name not in _LOGARITHM_ENDS_IN:
            return False
        value, form = step.output, self.forms.linear(step.output)
        match = self.candidates.softmax(form, value)
        if match is not None:
            return self._put(step, "log_softmax", match.logits, {"axis": match.axis})
        if step.op.name == "log" and self._log_of_moved(step):
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
        if is_safe(self.program, step, x, {}):
            return False
        recorder = self.rebuild.recorder

        def compute(*_: Any) -> Any:
            params = {"negative": True} if negative else {}
            return -recorder.record(TABLE["log_sigmoid"], [self.rebuild.symbol(x)], params)

        self.rebuild.record(step, compute)
        return True

    def _put(self, step: Step, name: str, x: Value, params: Mapping[str, Any]) -> bool:
        taken = step.op.name == "log" and any(v in self.softmaxes for v in step.values())
        safe = not taken and is_safe(self.program, step, x, params)
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
            result = log_softmax(self.rebuild.symbol(match.logits), axis=match.axis)
            for move in reversed(moves):
                arrays = [self.rebuild.symbol(i) for i in move.inputs[1:]]
                result = recorder.record(move.op, [result, *arrays], move.params)
            return result

        self.rebuild.record(step, compute)
        return True
