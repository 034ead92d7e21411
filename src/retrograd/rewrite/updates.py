"""Simplify writes into parts of arrays, and reads of what was written.

before    t = buf[0]; u = t + v; buf[0] = u
after     buf[0] += v

before    d[2] = 0; g = d[1]
after     g = d[1]                   for nobody reads d[2] again

before    a = zeros_like(x); a[0] = u; b = zeros_like(x); b[1] = v; dx = a + b
after     dx = zeros_like(x); dx[0] = u; dx[1] += v
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from retrograd.ops import TABLE
from retrograd.ops.keys import disjoint, surely_once
from retrograd.program import Constant, Program, Step, Value
from retrograd.rewrite.rebuild import Rebuild

_SCATTERS = {"scatter_set": True, "scatter_add": False}
_FILLED = ("ones_like", "full_like", "ones", "full", "zeros", "zeros_like")


def updates(program: Program) -> Program:
    """Apply the rules above wherever they hold."""
    return _Updates(program).run()


class _Updates:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.rebuild = Rebuild(program)
        self.users = program.users
        self.results = program.results

    def run(self) -> Program:
        return self.rebuild.walk(self._visit)

    def _made(self, operand: Any) -> Step | None:
        operand = self.rebuild.operand(operand)
        return self.rebuild.recorder.producers.get(operand) if type(operand) is Value else None

    def _visit(self, step: Step) -> None:
        rules: dict[str, Callable[[Step], bool]] = {
            "index": self._read,
            "set_at": self._written,
            "add": self._gathered,
        }
        rule = rules.get(step.op.name)
        if rule is None or not rule(step):
            self.rebuild.keep(step)

    def _read(self, step: Step) -> bool:
        """In the backward pass: reads of another place than the one written."""
        if step.forward is None:
            return False
        source, *arrays = (self.rebuild.operand(i) for i in step.inputs)
        key = step.params["key"]
        start = source
        while (made := self._made(source)) is not None and made.op.updates:
            if not disjoint(made.params["key"], key, made.output.sizes):
                break
            source = self.rebuild.operand(made.inputs[0])
        made = self._made(source)
        if made is not None and made.op.name in _FILLED and step.output.shape == ():
            fill = {"ones": 1.0, "zeros": 0.0}.get(made.op.name.removesuffix("_like"))
            by = Constant(fill) if fill is not None else made.inputs[-1]
            self.rebuild.drop(step, self.rebuild.operand(by))
            return True
        if source is start:
            return False
        return self._put(step, "index", [source, *arrays], step.params)

    def _written(self, step: Step) -> bool:
        first, value = step.inputs[:2]
        if step.forward is not None and isinstance(value, Constant) and value.value == 0:
            if not self._is_read(step.output, step.params["key"]):
                self.rebuild.drop(step, self.rebuild.operand(first))
                return True
            return False
        return self._changed(step)

    def _is_read(self, value: Value, key: Any) -> bool:
        """Whether anything of an array at a key is used."""
        if value in self.results:
            return True
        for user in self.users.get(value, ()):
            first = user.inputs[0] is value and value not in user.inputs[1:]
            if first and user.op.name == "index":
                read = not disjoint(user.params["key"], key, value.sizes)
            elif first and user.op.updates:
                read = self._is_read(user.output, key)
            else:
                read = not (first and user.op.name in _SCATTERS)
            if read:
                return True
        return False

    def _changed(self, step: Step) -> bool:
        """x[key] = x[key] + v."""
        x, value, *arrays = (self.rebuild.operand(i) for i in step.inputs)
        made = self._made(value)
        if made is None or made.op.name not in ("add", "subtract") or not _all_known(arrays):
            return False
        if made.output in self.program.names or made.output.dtype != step.output.dtype:
            return False
        left, right = (self.rebuild.operand(i) for i in made.inputs)
        for own, other in ((left, right), (right, left)):
            read = self._made(own)
            if read is None or read.op.name != "index" or own is other:
                continue
            same = [self.rebuild.operand(i) for i in read.inputs] == [x, *arrays]
            if not same or repr(read.params) != repr(step.params):
                continue
            if own is right and made.op.name == "subtract":
                continue
            if not surely_once([self.rebuild.symbol(a) for a in arrays], step.params["key"]):
                continue
            name = "add_at" if made.op.name == "add" else "subtract_at"
            return self._put(step, name, [x, other, *arrays], step.params)
        return False

    def _gathered(self, step: Step) -> bool:
        """a + (zeros with v at a key)."""
        left, right = step.inputs
        for whole, part in ((left, right), (right, left)):
            made = self._made(part)
            if made is None or made.op.name not in _SCATTERS or whole is part:
                continue
            if not isinstance(whole, Value) or whole.shape != step.output.shape:
                continue
            if len(self.users.get(part, ())) != 1 or made.output.shape != step.output.shape:  # type: ignore[arg-type]
                continue
            if whole.dtype != step.output.dtype or not step.output.shape:
                continue
            _, value, *arrays = made.inputs
            once = {} if _SCATTERS[made.op.name] else {"once": False}
            things = [self.rebuild.operand(whole), value, *arrays]
            return self._put(step, "add_at", things, {**made.params, **once})
        return False

    def _put(self, step: Step, name: str, things: list[Any], params: Mapping[str, Any]) -> bool:
        """Put another operation in the place of a step."""
        recorder = self.rebuild.recorder
        self.rebuild.record(step, lambda *_: recorder.record(TABLE[name], things, params))
        return True


def _all_known(operands: list[Any]) -> bool:
    return all(isinstance(o, Value | Constant) for o in operands)
